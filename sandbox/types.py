"""The sandbox's words: what goes in (a job), what comes out (an execution), what it may cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf


class Status(StrEnum):
    """What one test said of one program. A lost machine is not among these: it is an exception."""

    PASSED = "passed"
    WRONG_ANSWER = "wrong answer"
    EXCEPTION = "exception"
    SYNTAX_ERROR = "syntax error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use.

    CPU time decides a timeout, so that a busy machine changes no verdict; wall time stands behind
    it for programs that sleep.
    """

    cpu_seconds: float = 3.0
    """CPU time of one test."""
    budget_seconds: float = 10.0
    """CPU time of all tests of a job together: once spent, the tests that are left time out."""
    wall_factor: float = 4.0
    """Wall time allowed per second of CPU time."""
    memory_mb: int = 1024
    """Address space of the program, in MiB."""
    output_chars: int = 10_000
    """Captured standard output that is kept."""
    evidence_chars: int = 400
    """Length at which a `repr` or a message is cut."""

    def __post_init__(self) -> None:
        """Raise ValueError for a limit that is no positive, finite number."""
        for name in self.__slots__:
            value = getattr(self, name)
            if not (isinstance(value, (int, float)) and 0 < value < inf):
                raise ValueError(f"{name} must be a positive, finite number, not {value!r}")


@dataclass(frozen=True, slots=True)
class Job:
    """One program and the tests to run against it.

    Each test is Python source that runs where the program's names are at hand, in its own copy of
    the namespace. It passes when it ends without an exception.
    """

    program: str
    tests: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict of one test, with evidence.

    The same job gives the same outcomes, byte for byte, unless the program itself shows what
    differs between processes: a pid, the name of a temporary file, the order of a set by address.

    `expected` and `actual` are `repr`s, filled in where a test is `assert LEFT == RIGHT` and fails.
    `line` counts from 1 in the program's source: the innermost line of the program itself that the
    exception passed through.
    """

    status: Status
    expected: str = ""
    actual: str = ""
    exception: str = ""
    message: str = ""
    line: int | None = None

    @property
    def passed(self) -> bool:
        """Whether the test passed."""
        return self.status is Status.PASSED


@dataclass(frozen=True, slots=True)
class Execution:
    """The outcomes of a job, one a test and in the tests' order, and what the program printed."""

    outcomes: tuple[Outcome, ...]
    stdout: str = ""


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Which backend runs programs, and how."""

    backend: str = "auto"
    """`auto` takes Docker where an engine answers, else `local`."""
    slots: int = 2
    """Programs that run at once."""
    base_image: str | None = None
    """What the Docker image builds on; by default $SANDBOX_BASE_IMAGE, else python:3.12-slim."""
    slot_memory_mb: int = 2048
    """Memory of one container, in MiB: the most that `Limits.memory_mb` may ask for there."""
    allow_weak: bool = False
    """Let the local backend run where the kernel grants nothing but resource limits."""


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """What a backend is and what it enforces on this machine, for the manifest and the screen."""

    backend: str
    python: str
    """Version of the Python that runs the programs."""
    image: str = ""
    """Digest of the image, where there is one."""
    enforced: tuple[str, ...] = ()
    """The protections in force here, such as `no network`."""
    missing: tuple[str, ...] = ()
    """The protections that this machine does not grant."""
    reason: str = ""
    """Why this backend was taken, where the choice was `auto`."""


class SandboxError(Exception):
    """Base of every failure that is the sandbox's own and no program's."""


class SandboxUnavailable(SandboxError, RuntimeError):  # noqa: N818 - the name states the condition
    """The backend cannot run programs now: nothing was judged, and nothing may be scored."""
