"""A budget of the run that is given out by need, in passes over the whole run.

A pass begins when every problem has ended or asks for one more step: a draft, or a round of repair.
Those with the fewest steps get theirs first, in the dataset's order among equals, until the budget
would be used up by what all problems have spent and by what the steps of this pass are expected to:
as many programs as a step can write, and as many tokens and calls as the problem's last step took.
The others wait for the next pass. The budget is used up when a pass begins with nothing left. So no
result depends on which answer comes first.
"""

from __future__ import annotations

import asyncio
import operator
import time
from collections.abc import Iterable, Sequence

from agent.config import RunConfig
from agent.loop.budget import Spending, is_draft, spending_of, total, used_up
from agent.support.semaphore import released
from agent.types import Call, Trace


class Allocation:
    """The spending of all problems after each of their steps, and the steps of the next pass."""

    def __init__(self, config: RunConfig, tasks: Iterable[str]):
        """Begin without any step. `tasks` are in the dataset's order."""
        self._config = config
        self._steps: dict[str, list[Spending]] = {task: [] for task in tasks}
        self._ranks = {task: rank for rank, task in enumerate(self._steps)}

    def add(self, task: str, spent: Spending) -> None:
        """Add a step of a problem, which has now `spent` this much in all its steps."""
        self._steps[task].append(spent)

    @property
    def spent(self) -> Spending:
        """The spending of all problems."""
        return total(steps[-1] for steps in self._steps.values() if steps)

    def next_pass(self, asking: Iterable[str]) -> list[str]:
        """Return the problems that get a step, of those that ask for one, in order.

        At least one does if the budget is not used up.
        """
        granted, planned = [], self.spent
        for task in sorted(asking, key=lambda task: (len(self._steps[task]), self._ranks[task])):
            if used_up(self._config.budget, planned):
                break
            granted.append(task)
            planned = total((planned, self._planned(task)))
        return granted

    def _planned(self, task: str) -> Spending:
        *before, last = [Spending(), *self._steps[task]][-2:]
        step = Spending(*map(operator.sub, last, *before))
        drafts_left = len(self._steps[task]) < self._config.draft.n
        return step._replace(samples=1 if drafts_left else self._config.repair.width)


class SharingMeter:
    """A budget meter that lets problems wait for their steps.

    A problem holds one of `slots` while it works, and none while it waits, so that all problems
    can wait at once. Every problem of `tasks` must end its loop, `replay` or `leave`.
    """

    def __init__(self, config: RunConfig, tasks: Sequence[str], slots: asyncio.Semaphore):
        self._config, self._slots = config, slots
        self._start = time.monotonic()
        self._allocation = Allocation(config, tasks)
        self._working = set(tasks)
        self._asking: dict[str, asyncio.Future[str]] = {}

    def begin(self, task_id: str) -> None:
        """Do nothing: the budget is that of the run."""

    async def ending(self, task_id: str, calls: Sequence[Call], stopped: str) -> str:
        """Return `stopped`, or wait for the next step: "", or the reason why there is none."""
        self._allocation.add(task_id, spending_of(calls))
        if stopped:
            self.leave(task_id)
            return stopped
        async with released(self._slots):
            return await self._turn(task_id)

    async def replay(self, trace: Trace) -> None:
        """Ask for the steps of a finished problem again, so that others get theirs as before."""
        task_id, steps = trace.problem.task_id, calls_by_step(trace)
        for number, calls in enumerate(steps, 1):
            self._allocation.add(task_id, spending_of(calls))
            if number < len(steps):
                await self._turn(task_id)
        self.leave(task_id)

    def leave(self, task_id: str) -> None:
        """Wait no longer for a problem, which has ended or failed."""
        self._working.discard(task_id)
        self._asking.pop(task_id, None)
        self._hand_out()

    async def _turn(self, task_id: str) -> str:
        turn: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._asking[task_id] = turn
        self._working.discard(task_id)
        self._hand_out()
        return await turn

    def _hand_out(self) -> None:
        if self._working:
            return
        seconds = time.monotonic() - self._start
        reason = used_up(self._config.budget, self._allocation.spent, seconds)
        for task in [*self._asking] if reason else self._allocation.next_pass(self._asking):
            turn = self._asking.pop(task)
            if not reason:
                self._working.add(task)
            if not turn.done():  # its problem may just be cancelled
                turn.set_result(reason)


def calls_by_step(trace: Trace) -> list[list[Call]]:
    """Return all calls up to the end of each step of a problem whose drafts were drawn singly."""
    drafts, drawn = sum(map(is_draft, trace.calls)), 0
    steps: list[list[Call]] = [[] for _ in range(drafts + trace.rounds)]
    for call in trace.calls:
        step = drafts - 1 + call.round if call.round else 0
        if not call.round and call.purpose in ("plan", "draft"):
            step = drawn
        drawn += is_draft(call)
        for known in steps[step:]:
            known.append(call)
    return steps
