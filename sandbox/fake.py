"""A sandbox that does not run programs, for tests of code that uses a sandbox."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.types import Execution, Job, Outcome, SandboxInfo, Screen, Screened, Status


class FakeSandbox:
    """A sandbox whose executions come from a function, by default `decide_by_syntax`.

    It records its jobs in `jobs`. It does NOT execute, time or limit anything.
    """

    def __init__(self, decide: Callable[[Job], Execution] | None = None) -> None:
        self.jobs: list[Job] = []
        self._decide = decide or decide_by_syntax

    @property
    def info(self) -> SandboxInfo:
        """An info without enforced protections, since no program runs."""
        return SandboxInfo(backend="fake", python="none", missing=("execution",))

    async def run(self, job: Job) -> Execution:
        """Record the job and return its execution."""
        self.jobs.append(job)
        return self._decide(job)

    async def screen(self, screen: Screen) -> Screened:
        """Return that no program passes: a function for jobs knows nothing of screened programs."""
        count = len(screen.programs)
        return Screened(((False,) * len(screen.tests),) * count, (False,) * count)


def decide_by_syntax(job: Job) -> Execution:
    """Pass every test if the program parses; otherwise every test is a syntax error."""
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
