"""Repair of programs: strategies, and the rounds and sessions that run them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from agent.repair.lineage import RepairTarget
from agent.repair.strategy import Strategy
from agent.support.plugins import PluginFunction, PluginKind
from agent.types import Completion

__all__ = ["STRATEGIES", "Strategy", "load_strategy", "most_calls"]


def _is_choice(value: object, targets: Sequence[RepairTarget], width: int, _: object) -> bool:
    """Whether a value is a sequence of at most `width` targets, or None for fresh draws."""
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
            "a tuple of at most `width` items, each one of the targets or None",
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
    # Calls and candidates that no strategy made have these names.
    reserved=frozenset({"plan", "draft", "tests", "inputs", "select"}),
)


def load_strategy(name: str) -> Strategy:
    """Return the strategy called `name`, or in the file at that path. Raises PluginError."""
    return cast(Strategy, STRATEGIES.load(name))


def most_calls(name: str) -> int:
    """Return the largest number of calls of one repair: what the strategy says, or else 1."""
    return int(getattr(load_strategy(name), "MOST_CALLS", 1))
