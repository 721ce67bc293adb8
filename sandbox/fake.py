"""A sandbox that runs nothing, for tests of whoever uses one."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.types import Execution, Job, Outcome, SandboxInfo, Status


class FakeSandbox:
    """Answers from a function; without one, every test of a program that parses passes.

    It remembers the jobs that it saw. It does NOT execute, time or limit anything.
    """

    def __init__(self, decide: Callable[[Job], Execution] | None = None) -> None:
        self.jobs: list[Job] = []
        self._decide = decide or decide_by_syntax

    @property
    def info(self) -> SandboxInfo:
        """A sandbox that enforces nothing, since nothing runs."""
        return SandboxInfo(backend="fake", python="none", missing=("execution",))

    async def run(self, job: Job) -> Execution:
        """Record the job and decide it."""
        self.jobs.append(job)
        return self._decide(job)


def decide_by_syntax(job: Job) -> Execution:
    """Pass every test of a program that parses."""
    try:
        compile(job.program, "<program>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        outcome = Outcome(
            Status.SYNTAX_ERROR,
            exception=type(error).__name__,
            message=str(error),
            line=getattr(error, "lineno", None),
        )
    else:
        outcome = Outcome(Status.PASSED)
    return Execution((outcome,) * len(job.tests))
