"""Repair of programs: strategies, and what they work with in a round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from agent.repair.lineage import Head
from agent.repair.strategy import Strategy
from agent.support.plugins import Function, Kind
from agent.types import Completion

__all__ = ["STRATEGIES", "Strategy", "load_strategy"]


def _is_choice(value: object, heads: Sequence[Head], width: int, _: object) -> bool:
    """Whether a value is some of the heads, or None for fresh draws, and not too many of them."""
    if not isinstance(value, (list, tuple)) or len(value) > width:
        return False
    return all(one is None or one in heads for one in value)


STRATEGIES = Kind(
    name="repair strategy",
    setting="repair.strategy",
    package="agent.repair.strategies",
    functions=(
        Function(
            "choose",
            ("heads", "width", "random"),
            "a tuple of at most `width` of the heads, or None",
            _is_choice,
        ),
        Function(
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
