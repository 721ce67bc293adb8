"""The registry of checks, and helpers to write one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sandbox.base import Sandbox
from sandbox.types import Execution, Job, Limits, SandboxInfo, Status

LIMITS = Limits(cpu_seconds=0.4, budget_seconds=1.6, wall_seconds=1.2, memory_mb=512)

FILES = ("Landlock", "file system of its own")
SYSCALLS = ("seccomp",)
NETWORK = ("seccomp", "network namespace", "without network")
USER = ("unprivileged user",)
SMALL_DISK = ("file system of its own", "read-only root")

Run = Callable[[Sandbox], Awaitable[None]]


class CheckError(AssertionError):
    """A promised property does not hold; the message says how."""


@dataclass(frozen=True)
class Check:
    """A check of one property."""

    name: str
    run: Run
    needs: tuple[str, ...]
    """Parts of the names of protections that promise the property; one of them is enough.

    If empty, every backend promises it.
    """


CHECKS: list[Check] = []


def check(*needs: str) -> Callable[[Run], Run]:
    """Register a check under its function's name."""

    def register(run: Run) -> Run:
        name = getattr(run, "__name__", "").replace("_", "-")
        CHECKS.append(Check(name, run, needs))
        return run

    return register


def not_promised(item: Check, info: SandboxInfo) -> bool:
    """Whether the backend reports none of the protections that a check needs."""
    return bool(item.needs) and not any(
        word in layer for word in item.needs for layer in info.enforced
    )


async def expect(
    box: Sandbox, program: str, *tests: tuple[str, Status], limits: Limits = LIMITS
) -> Execution:
    """Run a job and return its execution. Raises CheckError if a status is not the expected one."""
    execution = await box.run(Job(program, tuple(test for test, _ in tests), limits))
    for (test, status), outcome in zip(tests, execution.outcomes, strict=True):
        if outcome.status is not status:
            raise CheckError(f"`{test}` should be {status}, but is {outcome}")
    return execution


async def expect_nothing(box: Sandbox, program: str, limits: Limits = LIMITS) -> None:
    """Run `attempts()` of a program, which lists the actions that succeeded.

    Raises CheckError if the list is not empty.
    """
    execution = await box.run(Job(program, ("assert attempts() == []",), limits))
    if not execution.outcomes[0].passed:
        raise CheckError(str(execution.outcomes[0]))


def require(condition: bool, message: object) -> None:
    """Raise CheckError if a condition is false."""
    if not condition:
        raise CheckError(str(message))
