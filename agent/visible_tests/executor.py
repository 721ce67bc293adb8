"""Execution of programs on tests: the loop's only access to the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from agent.parsing.source import defines_class, prelude
from agent.support.concurrency import once_each
from agent.types import Isolation, Problem, writable
from sandbox.base import Sandbox
from sandbox.types import Job, Limits, Outcome

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Executor:
    """Runs the programs of one problem in the sandbox."""

    problem: Problem
    sandbox: Sandbox
    limits: Limits
    isolation: Literal["auto", "split", "shared"] = "auto"
    """`auto` is `shared` for a prompt that defines a class, whose objects are not data, else
    `split`."""

    @property
    def job_isolation(self) -> Isolation:
        """The isolation of each job. It depends on nothing but the prompt and the setting."""
        if self.isolation != "auto":
            return self.isolation
        return "shared" if defines_class(self.problem.prompt) else "split"

    async def run(
        self,
        programs: Iterable[str],
        tests: Sequence[str],
        keep: Callable[[tuple[Outcome, ...]], Kept],
    ) -> dict[str, Kept]:
        """Run each distinct program on the tests; return `keep` of its outcomes, by program.

        `keep` gets one outcome per test. A program that is given twice runs once, and so does a
        call that several tests share. Raises SandboxUnavailable if the sandbox itself fails.
        """
        preamble, sources = prelude(self.problem.prompt), tuple(tests)
        entry_point, isolation = self.problem.entry_point, self.job_isolation

        async def run_one(program: str) -> Kept:
            job = Job(
                program,
                sources,
                self.limits,
                entry_point,
                preamble,
                share_calls=True,
                isolation=isolation,
            )
            return keep(tuple(map(_storable, (await self.sandbox.run(job)).outcomes)))

        return await once_each(programs, run_one)


def _storable(outcome: Outcome) -> Outcome:
    """Return the outcome with texts that a trace can store; a program may print any characters."""
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
