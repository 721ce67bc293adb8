"""Selectors, one a file; `base` says what each has to offer.

`a+b` asks `b` only where `a` leaves a tie: within each of its groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import cast

from agent.plugins import find
from agent.select.base import Pool, Ranking, Selector, SelectorError
from agent.types import Choice

__all__ = ["Chain", "Pool", "Ranking", "Selector", "SelectorError", "choose", "load_selector"]


def load_selector(name: str, *, model: bool = True) -> Selector:
    """A selector by its file's name, or a chain of several.

    Raises UnknownPluginError, which lists those that exist, and SelectorError for one that needs
    hidden verdicts, or a model where there is none.
    """
    modules = _modules(name)
    for module in modules:
        if refused := getattr(module, "REFUSED", ""):
            raise SelectorError(refused)
    if not model and asks_model(name):
        raise SelectorError(f"selector: {name} asks a model, and there is none here")
    stages = [cast(Selector, module) for module in modules]
    return stages[0] if len(stages) == 1 else Chain(stages)


def asks_model(name: str) -> bool:
    """Whether a selector, or one of a chain, asks the model. Raises UnknownPluginError."""
    return any(getattr(module, "ASKS_MODEL", False) for module in _modules(name))


def _modules(name: str) -> list[ModuleType]:
    return [find(__name__, part, "selector") for part in name.split("+")]


@dataclass(frozen=True)
class Chain:
    """Selectors in turn: each ranks within the groups that those before it leave."""

    stages: Sequence[Selector]

    async def rank(self, pool: Pool, members: tuple[int, ...]) -> Ranking:
        """The last stage's groups, in the order of the first stage's, and so on."""
        groups: tuple[tuple[int, ...], ...] = (members,)
        reasons: list[str] = []
        for stage in self.stages:
            refined: list[tuple[int, ...]] = []
            for group in groups:
                if len(refined) >= pool.depth or pool.is_one_program(group):
                    refined.append(group)
                    continue
                first = not refined
                ranking = await stage.rank(pool, group)
                refined += ranking.groups
                if first and ranking.reason:
                    reasons.append(ranking.reason)
            groups = tuple(refined)
        return Ranking(groups=groups, reason="\n".join(reasons))


async def choose(name: str, pool: Pool) -> Choice:
    """The answer: the first of the best group, with what spoke for it.

    Raises UnknownPluginError for a selector that does not exist, and SelectorError where it lacks
    what it needs.
    """
    ranking = await load_selector(name).rank(pool, tuple(range(len(pool.candidates))))
    best = ranking.groups[0]
    reasons = ranking.reason.splitlines() or ["nothing told the candidates apart"]
    if len(best) > 1:
        reasons.append(f"candidate {best[0]} comes first of {len(best)} that are tied")
    return Choice(candidate=best[0], selector=name, reasons=tuple(reasons), tied=best)
