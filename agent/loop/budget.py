"""What the loops may spend, and what they have spent."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from agent.config import BudgetConfig
from agent.types import Call


def ending(config: BudgetConfig, name: str) -> str:
    """Why a loop stops that has used up a budget."""
    return f"budget of the run: {name}" if config.per == "run" else f"budget: {name}"


class Meter(Protocol):
    """Says when a loop has spent what it may."""

    def begin(self, task_id: str) -> None:
        """Start the clock of a problem."""
        ...

    def spent(self, task_id: str, calls: Sequence[Call]) -> str:
        """The budget that a problem has used up with all its calls so far; empty while none is."""
        ...


class BudgetMeter:
    """Counts tokens and calls as the traces do, so that a stored answer costs what a new one does.

    The clock of a run starts with the meter.
    """

    def __init__(self, config: BudgetConfig):
        self._config = config
        self._start = time.monotonic()
        self._starts: dict[str, float] = {}
        self._calls: dict[str, tuple[int, int]] = {}

    def begin(self, task_id: str) -> None:
        """Start the clock of a problem."""
        self._starts[task_id] = time.monotonic()

    def spent(self, task_id: str, calls: Sequence[Call]) -> str:
        """The budget that is used up, of the problem or of the run."""
        config = self._config
        self._calls[task_id] = sum(call.usage.total for call in calls), len(calls)
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
