"""Budgets of samples, tokens, calls and seconds: their limits, and the use that the loops make."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from agent.config import BudgetConfig
from agent.types import Call, Trace


class Spending(NamedTuple):
    """Programs that the model wrote, tokens, and requests to the model."""

    samples: int = 0
    tokens: int = 0
    calls: int = 0


def total(parts: Iterable[Spending]) -> Spending:
    """Return the sum."""
    return Spending(*map(sum, zip(Spending(), *parts, strict=True)))


def spending_of(calls: Iterable[Call]) -> Spending:
    """Return the spending of a problem's calls. A selector's come after the loop, and do not count.

    Programs are counted by the calls that led to them: others, such as patches, cost nothing.
    """
    calls = [call for call in calls if call.purpose != "select"]
    drafts = sum(len(call.completions) for call in calls if is_draft(call))
    repairs = {call.candidate for call in calls} - {None}
    tokens, requests = (call.usage.total for call in calls), (call.requests for call in calls)
    return Spending(drafts + len(repairs), sum(tokens), sum(requests))


def is_draft(call: Call) -> bool:
    """Whether a call gave first programs of a problem."""
    return call.purpose == "draft" and call.round == 0


def used_up(config: BudgetConfig, spent: Spending, seconds: float = 0.0) -> str:
    """Return the stop reason if a budget is used up, else ""."""
    for name, value in (*spent._asdict().items(), ("seconds", seconds)):
        limit = getattr(config, name)
        if limit is not None and value >= limit:
            return ending(config, name)
    return ""


def ending(config: BudgetConfig, name: str) -> str:
    """Return the stop reason of a loop that has used up the budget called `name`."""
    return f"budget of the run: {name}" if config.per == "run" else f"budget: {name}"


class Meter(Protocol):
    """Tells when a loop has used up a budget."""

    def begin(self, task_id: str) -> None:
        """Start the clock of one problem."""
        ...

    async def ending(self, task_id: str, calls: Sequence[Call], stopped: str) -> str:
        """Return `stopped`, the loop's own reason to end, or that of a used-up budget, or "".

        It is called once after each drafting and each round, with all calls of the problem so far.
        After "", the problem takes one more step: a draft or a round.
        """
        ...


class BudgetMeter:
    """Counts calls as traces do: an answer from a store costs as much as a new one.

    The clock of the run starts when the meter is created.
    """

    def __init__(self, config: BudgetConfig):
        self._config = config
        self._start = time.monotonic()
        self._starts: dict[str, float] = {}
        self._spent: dict[str, Spending] = {}

    def begin(self, task_id: str) -> None:
        """Start the clock of one problem."""
        self._starts[task_id] = time.monotonic()

    async def replay(self, trace: Trace) -> None:
        """Count a finished problem, as before the run was resumed."""
        self._spent[trace.problem.task_id] = spending_of(trace.calls)

    def leave(self, task_id: str) -> None:
        """Do nothing: what a problem has spent stays spent."""

    async def ending(self, task_id: str, calls: Sequence[Call], stopped: str) -> str:
        """Return `stopped`, or the stop reason if a budget of the problem or run is used up."""
        spent = self._spent[task_id] = spending_of(calls)
        start = self._starts.get(task_id, self._start)
        if self._config.per == "run":
            spent, start = total(self._spent.values()), self._start
        return stopped or used_up(self._config, spent, time.monotonic() - start)
