"""Keeps the processes of a job on one CPU, since they take turns.

A turn that passes to another CPU has to wake it, which costs more than the turn itself. The kernel
chooses the CPU, anew for each job and, while one takes long, again and again.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable

_libc = ctypes.CDLL(None)


class Affinity:
    """The CPUs that this slot may use, and the processes that are held to one of them."""

    def __init__(self) -> None:
        self._all = os.sched_getaffinity(0)
        self._works = len(self._all) > 1
        self._held: dict[int, int] = {}

    def hold(self, *pids: int) -> None:
        """Hold this process and others to the CPU that this one is on."""
        cpu = int(_libc.sched_getcpu())
        if self._works and cpu in self._all:
            self._set([0, *(pid for pid in pids if self._held.get(pid) != cpu)], {cpu})
            self._held = dict.fromkeys(pids, cpu)

    def let_go(self) -> None:
        """Let this process go where the kernel wants it, for the next job to follow it."""
        if self._held:
            self._set([0], self._all)

    def move(self, program: int) -> None:
        """Move the job, a program's process too, to where the kernel now has this one.

        It puts a process that wakes on a CPU that is idle, where there is one.
        """
        if self._held:
            self._set([0], self._all)
            self._held[program] = -1
            self.hold(*self._held)
            self._set([0], self._all)
            self._held.pop(program, None)

    def _set(self, pids: Iterable[int], cpus: set[int]) -> None:
        try:
            for pid in pids:
                os.sched_setaffinity(pid, cpus)
        except OSError:  # not to be had here, and nothing that has to be
            self._works = False
            self._held = {}
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, self._all)
