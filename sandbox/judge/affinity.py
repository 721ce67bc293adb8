"""CPU affinity: keeps the processes of a job on one CPU, since only one of them runs at a time.

A switch to a process on another CPU has to wake that CPU, which costs more than the work itself.
The kernel chooses the CPU: again for each job and, while a job takes long, repeatedly.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable

_libc = ctypes.CDLL(None)


class Affinity:
    """The CPUs that this slot may use, and the processes that are pinned to one of them."""

    def __init__(self) -> None:
        self._allowed = os.sched_getaffinity(0)
        self._enabled = len(self._allowed) > 1
        self._pinned: dict[int, int] = {}

    def hold(self, *pids: int) -> None:
        """Pin this process and others to the CPU that this process runs on."""
        cpu = int(_libc.sched_getcpu())
        if self._enabled and cpu in self._allowed:
            self._pin([0, *(pid for pid in pids if self._pinned.get(pid) != cpu)], {cpu})
            self._pinned = dict.fromkeys(pids, cpu)

    def let_go(self) -> None:
        """Unpin this process, so that the kernel chooses its CPU. The next job follows it."""
        if self._pinned:
            self._pin([0], self._allowed)

    def move(self, program: int) -> None:
        """Move all processes of the job, and a program's, to the CPU that this process now runs on.

        The kernel puts a process that wakes on an idle CPU, if there is one.
        """
        if self._pinned:
            self._pin([0], self._allowed)
            self._pinned[program] = -1
            self.hold(*self._pinned)
            self._pin([0], self._allowed)
            self._pinned.pop(program, None)

    def _pin(self, pids: Iterable[int], cpus: set[int]) -> None:
        try:
            for pid in pids:
                os.sched_setaffinity(pid, cpus)
        except OSError:  # not permitted here, and not essential
            self._enabled = False
            self._pinned = {}
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, self._allowed)
