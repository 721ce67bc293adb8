"""The supervisor's interface to the zygote and to the processes that it forks."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

PROGRAM, TESTS, TOGETHER, WAIT, END, REAP = range(6)
ORDER = struct.Struct("=5q")
"""An order: its kind and up to four numbers. Reading it writes to few pages and parses no text."""
ANSWER = struct.Struct("=2q")
DONE, NOTHING, WEAK = range(3)
LAYERS_BYTES = 1 << 16
_MOST_JOBS = 1000
_READ_BYTES = 1 << 16


class JudgeError(Exception):
    """The judge itself failed, which says nothing about the program."""


class ZygoteGoneError(Exception):
    """The zygote has ended, so the judge cannot continue.

    The host starts another judge. A job that ends two judges has crashed.
    """


@dataclass
class TesterProcess:
    """A process of tests: a socket for its orders, and a pipe with its results.

    It sends bytes on the socket when the results should be read.
    """

    pid: int
    orders: socket.socket
    results: int
    memory_mb: int
    trusted: bool
    """Whether it runs the caller's own tests. Others never get the same process."""
    together: bool = False
    """Whether it runs the program too."""
    jobs: int = 0
    key: str = field(default_factory=lambda: os.urandom(8).hex())
    """The beginning of its messages: a test or program that writes to the pipe does not know it."""

    def begin(self, job: int, first: int, program: int, end: int | None) -> None:
        """Make it run the tests of a job from number `first` on, against the process of a program.

        `job` is a file with the job, `end` the tests' end of the channel to the program, both as
        descriptors; `program` is a pid. If the process is `together`, they are None and 0.
        """
        self.jobs += 1
        order = json.dumps([first, program, self.key]).encode()
        socket.send_fds(self.orders, [order], [job] if end is None else [job, end])

    def serves(self, memory_mb: int, trusted: bool) -> bool:
        """Whether it can take such a job: it runs, has no unread results, and is not used up."""
        if self.jobs >= _MOST_JOBS or (self.memory_mb, self.trusted) != (memory_mb, trusted):
            return False
        poller = select.poll()
        poller.register(self.results, select.POLLIN)
        return not poller.poll(0)

    def read(self) -> bytes | None:
        """Return results that are there, up to the size of a pipe.

        None if there are none and it has ended, or has closed its socket or its pipe.
        """
        open_still = True
        try:
            open_still = bool(self.orders.recv(_READ_BYTES, socket.MSG_DONTWAIT))
        except BlockingIOError:
            pass
        except ConnectionError:
            open_still = False
        try:
            return os.read(self.results, _READ_BYTES) or None
        except BlockingIOError:
            return b"" if open_still else None

    def close(self) -> None:
        """Close its socket and its pipe."""
        self.orders.close()
        os.close(self.results)


class Processes:
    """The orders that the supervisor gives to the zygote.

    Methods raise ZygoteGoneError if the zygote has ended, and JudgeError if it cannot confine a
    child.
    """

    def __init__(self, zygote: int, orders: socket.socket) -> None:
        self.zygote, self._orders = zygote, orders

    def layers(self) -> list[str]:
        """Return the layers of confinement that are in force, from the zygote's first message."""
        found: list[str] = json.loads(self._orders.recv(LAYERS_BYTES) or b"null")
        if found is None:
            raise JudgeError("the process that forks the others did not start")
        return found

    def program(self, limits: dict[str, Any], end: int) -> int:
        """Fork a process for a program and return its pid.

        `end` is a descriptor: the program's end of its channel.
        """
        kept = (limits["output_chars"], limits["evidence_chars"])
        return self._ask(PROGRAM, limits["memory_mb"], _cpu_ceiling(limits), *kept, fds=[end])[1]

    def testing(self, limits: dict[str, Any], trusted: bool, together: bool) -> TesterProcess:
        """Fork a process for tests and return it; if `together`, it runs the program too."""
        ours, theirs = socket.socketpair()
        results, writer = os.pipe()
        os.set_blocking(results, False)
        kind, memory_mb = TOGETHER if together else TESTS, limits["memory_mb"]
        numbers = (_cpu_ceiling(limits),) if together else ()
        try:
            pid = self._ask(kind, memory_mb, *numbers, fds=[theirs.fileno(), writer])[1]
        except BaseException:
            ours.close()
            os.close(results)
            raise
        finally:
            theirs.close()
            os.close(writer)
        return TesterProcess(pid, ours, results, memory_mb, trusted, together)

    def wait(self, pid: int) -> tuple[int, int] | None:
        """Return code and status of an exited process, as from `waitid`; None if it still runs."""
        kind, found = self._ask(WAIT, pid)
        return None if kind == NOTHING else (found >> 32, found & 0xFFFFFFFF)

    def end(self, pid: int) -> None:
        """Kill a process and reap it."""
        self._ask(END, pid)

    def reap(self) -> bool:
        """Reap exited orphans. Return True if the zygote has no children left."""
        return self._ask(REAP)[0] == DONE

    def _ask(self, operation: int, *numbers: int, fds: list[int] | None = None) -> tuple[int, int]:
        order = ORDER.pack(operation, *numbers, *[0] * (4 - len(numbers)))
        try:
            if fds:
                socket.send_fds(self._orders, [order], fds)
            else:
                self._orders.send(order)
            answer = self._orders.recv(ANSWER.size)
        except OSError as error:
            raise ZygoteGoneError from error
        if not answer:
            raise ZygoteGoneError
        kind, number = ANSWER.unpack(answer)
        if kind == WEAK:
            raise JudgeError(f"a layer of confinement failed: {os.strerror(number)}")
        return kind, number


def _cpu_ceiling(limits: dict[str, Any]) -> int:
    """Return the CPU seconds after which the kernel ends a program, if nothing else did."""
    return int(min(limits["budget_seconds"], 1e6)) + 3
