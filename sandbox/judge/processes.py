"""The zygote and the processes it forks, as the supervisor asks for them."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
from dataclasses import dataclass
from typing import Any

PROGRAM, TESTS, WAIT, END, REAP = range(5)
ORDER = struct.Struct("=5q")
"""What is to be done, and up to four numbers: few pages are written to read it, and no text."""
ANSWER = struct.Struct("=2q")
DONE, NOTHING, WEAK = range(3)
LAYERS_BYTES = 1 << 16
_MOST_JOBS = 1000


class JudgeError(Exception):
    """The judge itself failed: nothing may be concluded about the program."""


class ZygoteGoneError(Exception):
    """The judge cannot go on. The host starts another, and convicts a job that ends two."""


@dataclass
class TesterProcess:
    """A process of tests: where it takes orders, and where it writes what it finds."""

    pid: int
    orders: socket.socket
    results: int
    memory_mb: int
    jobs: int = 0

    def begin(self, tests: int, first: int, program: int, end: int) -> None:
        """Have it run the tests in a file, from that number on, beside the process of a program."""
        self.jobs += 1
        socket.send_fds(self.orders, [json.dumps([first, program]).encode()], [tests, end])

    def serves(self, memory_mb: int) -> bool:
        """Whether it can take another job: it lives, and has nothing left to say."""
        poller = select.poll()
        poller.register(self.results, select.POLLIN)
        fresh = self.jobs < _MOST_JOBS and self.memory_mb == memory_mb
        return fresh and not poller.poll(0)

    def close(self) -> None:
        """Let go of it."""
        self.orders.close()
        os.close(self.results)


class Processes:
    """What the zygote does for the supervisor.

    Raises ZygoteGoneError where it no longer lives, and JudgeError where it cannot confine a child.
    """

    def __init__(self, zygote: int, orders: socket.socket) -> None:
        self.zygote, self._orders = zygote, orders

    def layers(self) -> list[str]:
        """The layers of confinement that hold: what it says first."""
        found: list[str] = json.loads(self._orders.recv(LAYERS_BYTES) or b"null")
        if found is None:
            raise JudgeError("the process that forks the others did not start")
        return found

    def program(self, limits: dict[str, Any], program: int, end: int) -> int:
        """Fork a process for a program, which a file holds; its id."""
        seconds = int(min(limits["budget_seconds"], 1e6)) + 3
        kept = (limits["output_chars"], limits["evidence_chars"])
        return self._ask(PROGRAM, limits["memory_mb"], seconds, *kept, fds=[program, end])[1]

    def testing(self, memory_mb: int) -> TesterProcess:
        """Fork a process for tests."""
        ours, theirs = socket.socketpair()
        results, writer = os.pipe()
        try:
            pid = self._ask(TESTS, memory_mb, fds=[theirs.fileno(), writer])[1]
        except BaseException:
            ours.close()
            os.close(results)
            raise
        finally:
            theirs.close()
            os.close(writer)
        return TesterProcess(pid, ours, results, memory_mb)

    def wait(self, pid: int) -> tuple[int, int] | None:
        """How a process ended, as `waitid` says it; None where it lives on."""
        kind, found = self._ask(WAIT, pid)
        return None if kind == NOTHING else (found >> 32, found & 0xFFFFFFFF)

    def end(self, pid: int) -> None:
        """End a process, and take leave of it."""
        self._ask(END, pid)

    def reap(self) -> bool:
        """Take leave of orphans that have ended; whether the zygote has no children left."""
        return self._ask(REAP)[0] == DONE

    def _ask(self, what: int, *numbers: int, fds: list[int] | None = None) -> tuple[int, int]:
        order = ORDER.pack(what, *numbers, *[0] * (4 - len(numbers)))
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
