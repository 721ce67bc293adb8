"""The sandbox's words: what goes in (a job), what comes out (an execution), what it may cost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(==[A-Za-z0-9][A-Za-z0-9.+-]*)?")


class Status(StrEnum):
    """What one test said of one program. A lost machine is not among these: it is an exception."""

    PASSED = "passed"
    WRONG_ANSWER = "wrong answer"
    EXCEPTION = "exception"
    SYNTAX_ERROR = "syntax error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"


MOST = 100_000
"""Characters of output, and of one piece of evidence, that may be asked for."""


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
    """Address space of the program's process, and of the tests', in MiB."""
    output_chars: int = 10_000
    """Captured standard output that is kept."""
    evidence_chars: int = 400
    """Length at which a `repr` or a message is cut."""

    def __post_init__(self) -> None:
        """Raise ValueError for a limit that is no positive, finite number, or not whole."""
        for name in self.__slots__:
            value = getattr(self, name)
            if not (isinstance(value, (int, float)) and 0 < value < inf):
                raise ValueError(f"{name} must be a positive, finite number, not {value!r}")
        for name, most in (
            ("memory_mb", 1 << 32),
            ("output_chars", MOST),
            ("evidence_chars", MOST),
        ):
            value = getattr(self, name)
            if not isinstance(value, int) or value > most:
                raise ValueError(f"{name} must be a whole number up to {most}, not {value!r}")


@dataclass(frozen=True, slots=True)
class Job:
    """One program and the tests to run against it.

    The tests run in a process apart from the program. A test is Python source; it sees what
    `prelude` defines and, under their own names, what the program defines: a call goes to the
    program's process, and what comes back is data. It passes when it ends without an exception; a
    test that is one lone expression, such as `f(1)`, is a probe, whose outcome carries the value.
    """

    program: str
    tests: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)
    entry_point: str = ""
    """The function under test. Tests get the program's, whatever else has that name."""
    prelude: str = ""
    """Trusted source, run before the tests and beside them: imports and helper functions. Its names
    and Python's own win over all other names of the program."""
    trusted: bool = False
    """Whether the tests are the caller's own, so that they may share a process with other such
    tests; tests that a model wrote never do."""
    share_calls: bool = False
    """Ask the program each distinct call once, while its process lives; identical calls get what
    the first one got, as fresh objects: the value or the exception, what it changed of its
    arguments, and what it printed. For functions that are taken for pure, since one that counts its
    calls counts fewer. Only data are shared: a call that takes or gives a function, an iterator or
    an object, or that calls a function of the test's, is asked each time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict of one test, with evidence.

    The same job gives the same outcomes, byte for byte, unless the program itself shows what
    differs between processes: a pid, the name of a temporary file, the order of a set by address.

    `expected` and `actual` are `repr`s, filled in where a test is `assert LEFT == RIGHT` and fails;
    `actual` also where it is one lone expression and passes: that value's. An object that is no
    data gives its own text, whatever that says; equal sets and dictionaries may differ in order.
    `value` says the same as `actual` for comparing: equal data have one text (floats that
    are not whole to 12 digits; where it is cut, a checksum of the whole stands at its end). What is
    no data has none, nor has what holds more than 100,000 items or nests too deeply.
    `line` counts from 1 in the program's source: the innermost line of the program itself that the
    exception passed through.
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
    """The outcomes of a job, one a test and in the tests' order, and what the program printed."""

    outcomes: tuple[Outcome, ...]
    stdout: str = ""


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Which backend runs programs, and how."""

    backend: str = "auto"
    """`auto` takes `socket` where one answers, else Docker where an engine does, else `local`."""
    slots: int = 2
    """Programs that run at once."""
    python: str = "3.12"
    """Version of the image's Python, one of `PYTHONS`; a base image has its own, and wins."""
    base_image: str | None = None
    """What the Docker image builds on; by default $SANDBOX_BASE_IMAGE, else python:3.12-slim, where
    the version is `python`."""
    packages: tuple[str, ...] = ()
    """What pip installs into the Docker image: `numpy` or `numpy==2.1.0`."""
    runtime: str | None = None
    """Runtime of the containers, such as gVisor's `runsc`; by default the engine's own choice."""
    slot_memory_mb: int = 2048
    """Memory of one container, in MiB: the most that `Limits.memory_mb` may ask for there."""
    sockets: str | None = None
    """Folder of the socket backend's sockets; by default $SANDBOX_SOCKETS, else /run/sandbox."""
    allow_weak: bool = False
    """Let the local backend run where the kernel grants nothing but resource limits, and the socket
    backend where it grants no Landlock."""

    def __post_init__(self) -> None:
        """Raise ValueError for what no image or backend can be; the message says what is right."""
        if self.python not in PYTHONS:
            raise ValueError(f"python must be one of {', '.join(PYTHONS)}, not {self.python!r}")
        for package in self.packages:
            if not _PACKAGE.fullmatch(package):
                raise ValueError(f"a package must be NAME or NAME==VERSION, not {package!r}")
        if self.backend in ("local", "socket") and (self.packages or self.runtime):
            raise ValueError(f"packages and runtime need the docker backend, not {self.backend!r}")


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
