"""Real sleeping: the time in which no thread of an attempt runs or waits for a CPU.

It is wall time without CPU time, without the time in the kernel's run queues (`schedstat`), and
without the time in which a virtual machine's host ran others (`steal`), so that a busy machine or
host, or a container's limit on CPU, does not make a program sleep longer. These are running totals
of the kernel: a supervisor that is delayed itself loses nothing.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator

MEASURED = "time in which a program sleeps measured apart from waits for a CPU"
WAIT_PER_LOST_SECOND = 20
"""Seconds in run queues assumed per CPU second of threads that ended between two samples."""
SHARE_IF_UNKNOWN = 0.25
"""Share of the time without CPU time that counts as sleeping if the kernel has no `schedstat`."""
LONGEST_FACTOR = 50
Waits = dict[int, tuple[int, int]]
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432  # the same on all architectures
_FSOPEN_CLOEXEC, _CONFIG_CREATE, _FSMOUNT_CLOEXEC = 1, 6, 1


def allowance(limits: dict[str, float]) -> float:
    """Return the seconds that all tests of a job may sleep together."""
    return limits["wall_seconds"] * max(1.0, limits["budget_seconds"] / limits["cpu_seconds"])


def longest_wall(limits: dict[str, float]) -> float:
    """Return the wall time after which a job is ended, however little its processes could run."""
    return LONGEST_FACTOR * (limits["budget_seconds"] + allowance(limits))


def mount_proc() -> int | None:
    """Mount /proc of this process namespace outside of every directory tree.

    Return its descriptor, or None if the kernel refuses.
    """
    libc = ctypes.CDLL(None)
    context = libc.syscall(_FSOPEN, b"proc", _FSOPEN_CLOEXEC)
    if context < 0:
        return None
    made = libc.syscall(_FSCONFIG, context, _CONFIG_CREATE, None, None, 0) == 0
    found: int = libc.syscall(_FSMOUNT, context, _FSMOUNT_CLOEXEC, 0) if made else -1
    os.close(context)
    return None if found < 0 else found


def usable_proc(mounted: int | None) -> int | None:
    """Return a descriptor of /proc, by default the one in the file system.

    None if it belongs to another process namespace or does not tell the waits for a CPU.
    """
    try:
        proc = mounted
        if proc is None:
            proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        same = os.readlink("self", dir_fd=proc) == str(os.getpid())
        waits = map(int, _read(proc, "self/schedstat").split()[1:])
        return proc if same and any(waits) else None
    except (OSError, ValueError):
        return None


class StolenTime:
    """The time in which the host of this virtual machine ran others on a CPU meanwhile.

    The kernel counts it neither as CPU time of a process nor as a wait. It does not tell whose time
    it was: the CPU that lost most counts, since one process of a job runs at a time.
    """

    def __init__(self, proc: int | None) -> None:
        self._proc = proc
        self._begin = self._now = self._read()

    def restart(self) -> None:
        """Count from now on. On a machine that never lost any, this costs nothing."""
        if any(self._now.values()):
            self._now = self._read()
        self._begin = self._now

    def read(self) -> float:
        """Return the seconds since the last restart. The kernel counts in hundredths."""
        self._now = self._read()
        ticks = (now - self._begin.get(cpu, now) for cpu, now in self._now.items())
        return max(ticks, default=0) / _TICKS_PER_SECOND

    def _read(self) -> dict[bytes, int]:
        """Return the ticks that each CPU has lost since the machine started."""
        if self._proc is None:
            return {}
        try:
            text = _read(self._proc, "stat").splitlines()[1:]
            rows = (row.split() for row in text if row.startswith(b"cpu"))
            return {row[0]: int(row[8]) for row in rows}
        except (OSError, ValueError, IndexError):
            return {}


class SleepClock:
    """The seconds that processes have slept together since its creation.

    `cpu` is the CPU seconds of these processes at a time `now`, with those of ended threads.
    `before` is what the main threads of the processes have run and waited before, by pid.
    """

    def __init__(self, proc: int | None, stolen: StolenTime, cpu: float, before: Waits) -> None:
        self._proc, self._stolen, self._pids = proc, stolen, tuple(before)
        self._stolen.restart()
        self._slept = self._queued = self._taken = self._seen = 0.0
        self._since, self._cpu_then = time.monotonic(), cpu
        self._threads = {(pid, pid): waits for pid, waits in before.items()}

    def read(self, cpu: float, now: float) -> float:
        """Return the seconds slept, or more: waits since the last look are not yet known."""
        share = SHARE_IF_UNKNOWN if self._proc is None else 1.0
        return self._slept + share * self.unexplained(cpu, now)

    def unexplained(self, cpu: float, now: float) -> float:
        """Return the seconds since the last settling that are no CPU time or known wait."""
        waited = self._queued + self._taken
        return max(0.0, now - self._since - (cpu - self._cpu_then) - waited)

    def look(self) -> set[tuple[int, int]]:
        """Read the waits so far. Return the runnable threads, whose last wait is not yet known.

        A thread is the numbers of its process and of itself; for the main thread, they are equal.
        The kernel adds a wait to its total only when the thread gets a CPU.
        """
        if self._proc is None:
            return set()
        threads, runnable = {}, set()
        for thread, is_runnable, ran, queued in self._each_thread(self._proc):
            if is_runnable:
                runnable.add(thread)
            ran_before, queued_before = self._threads.get(thread, (0, 0))
            self._seen += (ran - ran_before) / 1e9
            self._queued += (queued - queued_before) / 1e9
            threads[thread] = ran, queued
        self._threads, self._taken = threads, self._stolen.read()
        if not threads:  # a /proc that hides processes
            self._proc = None
        return runnable

    def settle(self, cpu: float, now: float) -> None:
        """Begin to count anew, after a look at which all were asleep: `read` is exact then."""
        if self._proc is not None:
            lost = max(0.0, cpu - self._cpu_then - self._seen)
            self._queued += WAIT_PER_LOST_SECOND * lost
            self._slept += self.unexplained(cpu, now)
            self._since, self._cpu_then = now, cpu
            self._queued = self._seen = self._taken = 0.0
            self._stolen.restart()

    def _each_thread(self, proc: int) -> Iterator[tuple[tuple[int, int], bool, int, int]]:
        """Yield each thread, whether it is runnable, and its nanoseconds on a CPU and queued.

        The state is read first: a thread that sleeps then has no wait that is not in its total.
        """
        for pid in self._pids:
            try:
                tasks = os.open(f"{pid}/task", os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
            except OSError:
                continue
            try:
                names = os.listdir(tasks)
            finally:
                os.close(tasks)
            for name in names:
                path = f"{pid}/task/{name}"
                try:
                    runnable = _read(proc, f"{path}/stat").rpartition(b")")[2].split()[0] == b"R"
                    ran, queued, _ = map(int, _read(proc, f"{path}/schedstat").split())
                except (OSError, ValueError, IndexError):  # it has ended
                    continue
                yield (pid, int(name)), runnable, ran, queued


def waits_of(proc: int | None, pid: int) -> tuple[int, int]:
    """Return the nanoseconds that the main thread of a process ran, and waited for a CPU."""
    if proc is None:
        return 0, 0
    try:
        ran, queued, _ = map(int, _read(proc, f"{pid}/schedstat").split())
    except (OSError, ValueError):
        return 0, 0
    return ran, queued


def _read(proc: int, path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY, dir_fd=proc)
    try:
        return os.read(fd, 1 << 16)  # of `stat`, the rows of 500 CPUs
    finally:
        os.close(fd)
