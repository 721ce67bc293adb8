"""Repair of programs: strategies, and what they work with in a round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from agent.repair.lineage import RepairTarget
from agent.repair.strategy import Strategy
from agent.support.plugins import PluginFunction, PluginKind
from agent.types import Completion

__all__ = ["STRATEGIES", "Strategy", "load_strategy"]


def _is_choice(value: object, targets: Sequence[RepairTarget], width: int, _: object) -> bool:
    """Whether a value is some of the targets, or None for fresh draws, and not too many of them."""
    if not isinstance(value, (list, tuple)) or len(value) > width:
        return False
    return all(one is None or one in targets for one in value)


STRATEGIES = PluginKind(
    name="repair strategy",
    setting="repair.strategy",
    package="agent.repair.strategies",
    functions=(
        PluginFunction(
            "choose",
            ("targets", "width", "random"),
            "a tuple of at most `width` of the targets, or None",
            _is_choice,
        ),
        PluginFunction(
            "repair",
            ("case", "session"),
            "a Completion or None",
            lambda value, *_: value is None or isinstance(value, Completion),
            is_async=True,
        ),
    ),
    # What calls and candidates are named after that no strategy made.
    reserved=frozenset({"draft", "tests", "inputs", "select"}),
)


def load_strategy(name: str) -> Strategy:
    """Return a strategy by its name or path. Raises PluginError."""
    return cast(Strategy, STRATEGIES.load(name))
