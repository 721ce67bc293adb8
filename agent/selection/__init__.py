"""Selection of an answer: a selector ranks the pool, and the first of the best group is returned.

In a chain `a+b`, `b` ranks only the candidates that `a` leaves tied, within each group of `a`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from agent.errors import SelectorError
from agent.selection.pool import Pool, Ranking, Selector
from agent.support.plugins import PluginFunction, PluginKind, display_name, is_path
from agent.types import Choice

__all__ = [
    "SELECTORS",
    "Chain",
    "Pool",
    "Ranking",
    "Selector",
    "SelectorError",
    "asks_model",
    "choose",
    "load_selector",
    "selector_parts",
    "settled",
]


def _ranks(value: object, members: tuple[int, ...]) -> bool:
    """Whether a value is a ranking that contains exactly these members, each once."""
    if not isinstance(value, Ranking):
        return False
    groups: object = value.groups
    if not isinstance(groups, tuple) or not all(isinstance(g, tuple) and g for g in groups):
        return False
    ranked = [member for group in groups for member in group]
    whole = all(type(member) is int for member in ranked) and type(value.reason) is str
    return whole and sorted(ranked) == sorted(members)


SELECTORS = PluginKind(
    name="selector",
    setting="selector",
    package="agent.selection.selectors",
    functions=(
        PluginFunction(
            "rank",
            ("pool", "members"),
            "a Ranking whose groups are tuples of exactly these members",
            lambda value, _, members: _ranks(value, members),
            is_async=True,
        ),
    ),
)


def load_selector(name: str, *, model: bool = True) -> Selector:
    """Return a selector by its name or path, or a chain of selectors.

    Raises PluginError if a selector does not exist or is invalid, and SelectorError if it needs
    hidden verdicts, or asks a model although `model` is false.
    """
    modules = _modules(name)
    for module in modules:
        if refused := getattr(module, "REFUSED", ""):
            raise SelectorError(refused)
    if not model and asks_model(name):
        raise SelectorError(f"selector: {name} asks a model, but no model is available here")
    stages = [cast(Selector, module) for module in modules]
    return stages[0] if len(stages) == 1 else Chain(stages)


def asks_model(name: str) -> bool:
    """Whether a selector, or one of a chain, asks the model. Raises UnknownPluginError."""
    return any(getattr(module, "ASKS_MODEL", False) for module in _modules(name))


def selector_parts(name: str) -> tuple[str, ...]:
    """Return the selectors of a chain. The path of an existing file is not split at `+`."""
    is_file = is_path(name) and Path(name).exists()
    return (name,) if is_file else tuple(name.split("+"))


def _modules(name: str) -> list[Any]:
    return [SELECTORS.load(part) for part in selector_parts(name)]


@dataclass(frozen=True)
class Chain:
    """Selectors in sequence: each ranks within the groups of the selector before it."""

    stages: Sequence[Selector]

    async def rank(self, pool: Pool, members: tuple[int, ...]) -> Ranking:
        """Rank by the first stage, then rank each of its groups by the next stage, and so on."""
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


def settled(ranking: Ranking, pool: Pool) -> Ranking:
    """Return a ranking whose best group is free of ties that are none among patches.

    A weak patch comes behind all others that it is tied with. Of patches alone, the first is the
    best: the search has put the preferred one first.
    """
    whole, *others = ranking.groups
    best = tuple(i for i in whole if not pool.candidates[i].is_weak_patch) or whole
    if all(pool.candidates[member].patch is not None for member in best):
        best = best[:1]
    rest = tuple(member for member in whole if member not in best)
    return Ranking((best, *([rest] if rest else []), *others), ranking.reason)


async def choose(name: str, pool: Pool) -> Choice:
    """Return the chosen answer: the first of the best group, with the reasons for it.

    Raises UnknownPluginError if the selector does not exist, and SelectorError if the pool lacks
    what the selector needs.
    """
    ranking = await load_selector(name).rank(pool, tuple(range(len(pool.candidates))))
    ranking = settled(ranking, pool)
    best = ranking.groups[0]
    reasons = ranking.reason.splitlines() or ["nothing told the candidates apart"]
    if len(best) > 1:
        reasons.append(f"candidate {best[0]} comes first of {len(best)} that are tied")
    shown = "+".join(map(display_name, selector_parts(name)))
    return Choice(candidate=best[0], selector=shown, reasons=tuple(reasons), tied=best)
