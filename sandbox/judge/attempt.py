"""One process of a program, from fork to reaping, seen from the supervisor.

CPU time decides a timeout: it is read from the kernel for the whole process, so a program cannot
turn it off, and a busy machine changes no verdict. Wall time stands behind it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from dataclasses import dataclass, field
from typing import Any

from . import child
from .capture import Capture
from .confine import Confinement

NONCE_BYTES = 16
BUDGET_SPENT = "the CPU time of the whole job was used up"
_HEADER = NONCE_BYTES + 4
_MAX_MESSAGE_BYTES = 1 << 20
_LONGEST_WAIT, _SHORTEST_WAIT = 0.05, 0.001
_EXIT_GRACE_SECONDS = 2.0
_STATUSES = ("passed", "wrong answer", "exception", "syntax error", "out of memory")


class JudgeError(Exception):
    """The judge itself failed: nothing may be concluded about the program."""


class _ForgedError(Exception):
    """The pipe held something that the child's own code did not write."""


@dataclass
class Result:
    """What an attempt found: outcomes in order, and why it ended where tests are left."""

    outcomes: list[dict[str, Any]] = field(default_factory=list)
    loaded: bool = False
    ended: dict[str, Any] | None = None
    output_before_tests: int = 0
    cpu: float = 0.0


class Attempt:
    """Forks, watches, ends."""

    def __init__(self, job: dict[str, Any], first: int, budget: float) -> None:
        self._job, self._first, self._budget = job, first, budget
        limits = job["limits"]
        self._limit = float(limits["cpu_seconds"])
        self._wall = self._limit * float(limits["wall_factor"])
        self._result = Result()
        self._buffer = b""
        self._nonce = os.urandom(NONCE_BYTES)
        self._mark = 0.0  # CPU time at which the current phase began
        self._wall_mark = time.monotonic()

    def run(self, capture: Capture, confinement: Confinement, wall_end: float) -> Result:
        """Run to the end of the tests, or to the one that ends the process."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            seconds = int(min(self._budget, 1e6)) + 3
            reporter = child.Reporter(writer, self._nonce)
            child.main(self._job, self._first, reporter, capture, confinement, seconds)
        os.close(writer)
        try:
            self._watch(pid, reader, wall_end)
        finally:
            os.close(reader)
            self._result.cpu = max(self._result.cpu, _cpu_of(pid))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return self._result

    def _watch(self, pid: int, reader: int, wall_end: float) -> None:
        poller = select.poll()
        poller.register(reader, select.POLLIN)
        while not self._finished():
            left, limit = self._nearest_limit(pid, wall_end)
            wait = 0.0 if left <= 0 else min(max(left, _SHORTEST_WAIT), _LONGEST_WAIT)
            if not poller.poll(1000 * wait):
                if left <= 0:  # and nothing that was written in time is still unread
                    self._end("timeout", limit)
                continue
            data = os.read(reader, 1 << 16)
            if not data:
                self._autopsy(pid)
                return
            try:
                self._take(data, _cpu_of(pid))
            except _ForgedError:
                self._end("crashed", "wrote to the judge's channel")

    def _finished(self) -> bool:
        done = self._result.loaded and len(self._result.outcomes) == self._tests_left()
        return done or self._result.ended is not None

    def _tests_left(self) -> int:
        return len(self._job["tests"]) - self._first

    def _nearest_limit(self, pid: int, wall_end: float) -> tuple[float, str]:
        """Seconds to the limit that is reached first, and the words for reaching it."""
        cpu, now = _cpu_of(pid), time.monotonic()
        return min(
            (self._mark + self._limit - cpu, f"more than {self._limit:g} s of CPU time"),
            (self._budget - cpu, BUDGET_SPENT),
            (min(self._wall_mark + self._wall, wall_end) - now, "waited too long"),
        )

    def _take(self, data: bytes, cpu_now: float) -> None:
        """Read the messages that are complete."""
        self._buffer += data
        while len(self._buffer) >= _HEADER and self._result.ended is None:
            if self._buffer[:NONCE_BYTES] != self._nonce:
                raise _ForgedError
            size = int.from_bytes(self._buffer[NONCE_BYTES:_HEADER], "big")
            if size > _MAX_MESSAGE_BYTES:
                raise _ForgedError
            if len(self._buffer) < _HEADER + size:
                return
            payload = self._buffer[_HEADER : _HEADER + size]
            self._buffer = self._buffer[_HEADER + size :]
            self._message(payload, cpu_now)

    def _message(self, payload: bytes, cpu_now: float) -> None:
        try:
            message = json.loads(payload)
            kind, body = message[0], message[1]
            if kind == "weak":
                raise JudgeError(f"a layer of confinement failed: {body}")
            cpu = min(message[2] / 1e9, cpu_now)
        except (ValueError, TypeError, LookupError, RecursionError):
            raise _ForgedError from None
        result = self._result
        overrun = cpu - self._mark > self._limit
        if overrun:
            self._end("timeout", f"more than {self._limit:g} s of CPU time")
        elif kind == "failed" and not result.loaded:
            result.ended = _checked(body)
        elif kind == "loaded" and not result.loaded:
            result.loaded, result.output_before_tests = True, int(body)
        elif kind == "test" and result.loaded and len(result.outcomes) < self._tests_left():
            self._test_done(_checked(body))
        else:
            raise _ForgedError
        self._mark, self._wall_mark = cpu, time.monotonic()

    def _test_done(self, outcome: dict[str, Any]) -> None:
        if outcome["status"] == "out of memory":
            self._result.ended = outcome  # what fills the memory may still be there
        else:
            self._result.outcomes.append(outcome)

    def _end(self, status: str, message: str) -> None:
        self._result.ended = {"status": status, "message": message}

    def _autopsy(self, pid: int) -> None:
        """The process closed its end: say how it ended, or that it lives on in silence."""
        deadline = time.monotonic() + _EXIT_GRACE_SECONDS
        while time.monotonic() < deadline:
            found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                self._end(*_cause(found.si_code, found.si_status))
                return
            time.sleep(0.001)
        self._end("crashed", "closed the judge's channel")


def _cause(code: int, status: int) -> tuple[str, str]:
    if code == os.CLD_EXITED:
        return "crashed", f"exit code {status}"
    if status == signal.SIGXCPU:
        return "timeout", BUDGET_SPENT
    return "crashed", f"killed by {_signal_name(status)}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most real-time signals have a number only
        return f"signal {number}"


def _cpu_of(pid: int) -> float:
    """CPU seconds of a process, all its threads and its end included, until it is reaped."""
    return time.clock_gettime((~pid << 3) | 2)


def _checked(body: Any) -> dict[str, Any]:
    """An outcome whose fields have the right types; anything else is forged."""
    if not isinstance(body, dict) or body.get("status") not in _STATUSES:
        raise _ForgedError
    for name, value in body.items():
        if name == "line":
            right = value is None or type(value) is int
        else:
            right = name in ("status", "expected", "actual", "exception", "message")
            right = right and isinstance(value, str)
        if not right:
            raise _ForgedError
    return body
