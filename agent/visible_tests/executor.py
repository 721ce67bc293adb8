"""Programs on tests: the one way from the loop into the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from agent.parsing.source import prelude
from agent.support.concurrency import once_each
from agent.types import Problem, writable
from sandbox.base import Sandbox
from sandbox.types import Job, Limits, Outcome

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Executor:
    """Where the programs of one problem run."""

    problem: Problem
    sandbox: Sandbox
    limits: Limits

    async def run(
        self,
        programs: Iterable[str],
        tests: Sequence[str],
        keep: Callable[[tuple[Outcome, ...]], Kept],
    ) -> dict[str, Kept]:
        """What `keep` makes of the outcomes of each distinct program, one outcome a test.

        The same program twice is run once; so is the same call in several tests. Raises
        SandboxUnavailable where the machinery fails.
        """
        beside, sources = prelude(self.problem.prompt), tuple(tests)

        async def one(program: str) -> Kept:
            job = Job(
                program, sources, self.limits, self.problem.entry_point, beside, share_calls=True
            )
            return keep(tuple(map(_kept, (await self.sandbox.run(job)).outcomes)))

        return await once_each(programs, one)


def _kept(outcome: Outcome) -> Outcome:
    """The outcome as a trace can hold it: its texts are the program's, who may write anything."""
    texts = (outcome.expected, outcome.actual, outcome.value, outcome.exception, outcome.message)
    if all(map(str.isascii, texts)):
        return outcome
    return replace(
        outcome,
        expected=writable(outcome.expected),
        actual=writable(outcome.actual),
        value=writable(outcome.value),
        exception=writable(outcome.exception),
        message=writable(outcome.message),
    )
