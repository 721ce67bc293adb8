"""Budgets of tokens, calls and seconds: their limits, and how much of them the loops have used."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from agent.config import BudgetConfig
from agent.types import Call


def ending(config: BudgetConfig, name: str) -> str:
    """Return the stop reason of a loop that has used up the budget called `name`."""
    return f"budget of the run: {name}" if config.per == "run" else f"budget: {name}"


class Meter(Protocol):
    """Tells when a loop has used up a budget."""

    def begin(self, task_id: str) -> None:
        """Start the clock of one problem."""
        ...

    def spent(self, task_id: str, calls: Sequence[Call]) -> str:
        """Return the stop reason if a budget is used up by all `calls` of a problem, else ""."""
        ...


class BudgetMeter:
    """Counts tokens and calls as traces do: an answer from a store costs as much as a new one.

    The clock of the run starts when the meter is created.
    """

    def __init__(self, config: BudgetConfig):
        self._config = config
        self._start = time.monotonic()
        self._starts: dict[str, float] = {}
        self._calls: dict[str, tuple[int, int]] = {}

    def begin(self, task_id: str) -> None:
        """Start the clock of one problem."""
        self._starts[task_id] = time.monotonic()

    def spent(self, task_id: str, calls: Sequence[Call]) -> str:
        """Return the stop reason if a budget, of the problem or of the run, is used up, else ""."""
        config = self._config
        tokens, requests = (call.usage.total for call in calls), (call.requests for call in calls)
        self._calls[task_id] = sum(tokens), sum(requests)
        counts, start = [self._calls[task_id]], self._starts.get(task_id, self._start)
        if config.per == "run":
            counts, start = [*self._calls.values()], self._start
        used = {
            "tokens": sum(tokens for tokens, _ in counts),
            "calls": sum(number for _, number in counts),
            "seconds": time.monotonic() - start,
        }
        for name, value in used.items():
            limit = getattr(config, name)
            if limit is not None and value >= limit:
                return ending(config, name)
        return ""
