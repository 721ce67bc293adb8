"""Confinement: the rights that a program's process gives up before it sees the program.

`prepare` finds out which layers this kernel provides. The zygote applies those that its children
inherit; each child adds its own, which takes a tenth of a millisecond. A layer that worked in
`prepare` and fails later raises an exception: a program never runs with less protection than was
promised.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from . import landlock, readable, seccomp
from .prctl import SET_DUMPABLE, SET_NO_NEW_PRIVS, SET_PDEATHSIG, prctl

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

NO_NEW_PRIVILEGES = "no new privileges"
NON_DUMPABLE = "memory closed to other processes"
RESOURCE_LIMITS = "resource limits"
FILES = "file access limited to a private directory (Landlock)"
SCOPES = "no signals or abstract sockets to the outside (Landlock)"
SYSCALLS = "system-call allow-list: no processes, no network (seccomp)"
LAYERS = (RESOURCE_LIMITS, NO_NEW_PRIVILEGES, NON_DUMPABLE, FILES, SCOPES, SYSCALLS)

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_OPEN_FILES = 256
MAX_TASKS = 128
_REPORT_RESERVE_BYTES = 32 * 1024 * 1024
_set_limit, _getpid = resource.setrlimit, os.getpid


@dataclass(frozen=True)
class Confinement:
    """The layers that this kernel provides, ready to be applied."""

    layers: tuple[str, ...]
    ruleset: int | None
    program_filter: seccomp.Filter | None
    tests_filter: seccomp.Filter | None
    limit_tasks: bool
    ceilings: tuple[int, int]
    """Maximum address space and CPU time of a process here, in bytes and seconds."""

    def apply_once(self) -> None:
        """Confine the zygote, and with it all processes that it forks."""
        prctl(SET_PDEATHSIG, signal.SIGKILL)
        limit_resources(self.limit_tasks)
        prctl(SET_NO_NEW_PRIVS, 1)
        prctl(SET_DUMPABLE, 0)
        if self.ruleset is not None:
            landlock.restrict(self.ruleset)
            os.close(self.ruleset)
        if self.program_filter is not None:
            seccomp.Filter(seccomp.build()).install()

    def rehearse(self) -> None:
        """Run the calls of `apply` without effect, so that they are quick in a child."""
        for _ in range(20):
            _set_limit(resource.RLIMIT_CPU, resource.getrlimit(resource.RLIMIT_CPU))
            with contextlib.suppress(OSError):
                seccomp.Filter(b"").install(os.getpid())

    def apply(self, memory_mb: int, cpu_seconds: int | None) -> None:
        """Apply a child's own limits. Only a process of tests has no limit on CPU time.

        This limit is a fallback: the supervisor watches CPU time itself.
        """
        prctl(SET_PDEATHSIG, signal.SIGKILL)  # no program outlives its zygote
        most, longest = self.ceilings
        memory = min(memory_mb * 1024 * 1024, most)
        _set_limit(resource.RLIMIT_AS, (memory, min(memory + _REPORT_RESERVE_BYTES, most)))
        if cpu_seconds is not None:
            seconds = min(cpu_seconds, longest)
            _set_limit(resource.RLIMIT_CPU, (seconds, min(seconds + 1, longest)))
        own_filter = self.tests_filter if cpu_seconds is None else self.program_filter
        if own_filter is not None:
            own_filter.install(_getpid())


def prepare(writable: str, limit_tasks: bool) -> Confinement:
    """Find out which layers this kernel provides, by trying each in a separate process."""
    layers = [RESOURCE_LIMITS]
    ruleset = None
    if _succeeds(lambda: prctl(SET_NO_NEW_PRIVS, 1)):
        layers += [NO_NEW_PRIVILEGES, NON_DUMPABLE]
        ruleset = _working_ruleset(writable)
        if ruleset is not None:
            layers += [FILES] + ([SCOPES] if landlock.abi() >= landlock.SCOPE_ABI else [])
        if _succeeds(_try_seccomp):
            layers.append(SYSCALLS)
    of_program = of_tests = None
    if SYSCALLS in layers:
        of_program = seccomp.Filter(seccomp.build_for_child())
        of_tests = seccomp.Filter(seccomp.build_for_child(clocks=True))
    ceilings = (_ceiling(resource.RLIMIT_AS), _ceiling(resource.RLIMIT_CPU))
    return Confinement(tuple(layers), ruleset, of_program, of_tests, limit_tasks, ceilings)


def _working_ruleset(writable: str) -> int | None:
    try:
        ruleset = landlock.make_ruleset(readable.paths(), writable)
    except OSError:
        return None
    if _succeeds(lambda: _try_landlock(ruleset)):
        return ruleset
    os.close(ruleset)
    return None


def limit_resources(limit_tasks: bool) -> None:
    """Set the rlimits that are the same for every program."""
    limits = {
        resource.RLIMIT_FSIZE: MAX_FILE_BYTES,
        resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if limit_tasks:
        limits[resource.RLIMIT_NPROC] = MAX_TASKS
    for kind, value in limits.items():
        resource.setrlimit(kind, (min(value, _ceiling(kind)),) * 2)


def _ceiling(kind: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def make_room_to_report() -> None:
    """Raise the soft memory limit to the hard one after a MemoryError, so that the report fits."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _try_landlock(ruleset: int) -> None:
    prctl(SET_NO_NEW_PRIVS, 1)
    landlock.restrict(ruleset)
    if not readable.is_importable():
        raise OSError(0, "Landlock closes the standard library")
    try:
        os.close(os.open("/", os.O_RDONLY))
    except PermissionError:
        return
    raise OSError(0, "Landlock does not hold")


def _try_seccomp() -> None:
    prctl(SET_NO_NEW_PRIVS, 1)
    seccomp.Filter(seccomp.build()).install()
    seccomp.Filter(seccomp.build_for_child()).install(os.getpid())
    try:
        os.fork()
    except PermissionError:
        return
    raise OSError(0, "seccomp does not hold")


def _succeeds(attempt: Callable[[], None]) -> bool:
    """Whether a call succeeds, tried in a separate process."""
    pid = os.fork()
    if pid == 0:
        try:
            attempt()
        except BaseException:  # noqa: BLE001 - any failure means: not granted
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0
