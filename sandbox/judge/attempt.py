"""An attempt: one run of a program and its tests' process, which the supervisor watches to its end.

CPU time decides a timeout, and the time in which both processes really sleep. Both are read from
the kernel for both whole processes, so that neither can evade them, and a busy machine does not
change a verdict.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from .processes import Processes, TesterProcess
from .sleeping import SleepClock, StolenTime, waits_of

BUDGET_SPENT = "the CPU time of the whole job was used up"
STARVED = "not finished long after every limit: the machine is too busy"
_WAITED = "waited too long"
_MAX_MESSAGE_BYTES = 1 << 23
_MAX_OUTPUT_BYTES = 1 << 40
_LONGEST_WAIT, _SHORTEST_WAIT = 0.05, 0.002
_UNEXPLAINED = 0.01
"""Seconds without CPU time or a known wait after which a message is worth a sample."""
_STATUSES = ("passed", "wrong answer", "exception", "syntax error", "out of memory")


class _ForgedError(Exception):
    """The tests' process sent a message that our own code does not send."""


@dataclass
class AttemptResult:
    """The result of an attempt: outcomes in order, and the reason for its end if tests are left."""

    outcomes: list[dict[str, Any]] = field(default_factory=list)
    loaded: bool = False
    ended: dict[str, Any] | None = None
    """The outcome of the test that ended it; of all tests if the program did not load."""
    output_before_tests: int = 0
    cpu: float = 0.0
    slept: float = 0.0
    usable: bool = False
    """Whether the tests' process can serve another job."""


class Attempt:
    """An attempt: starts the program, watches both processes, and ends the program."""

    def __init__(
        self,
        processes: Processes,
        testing: TesterProcess,
        limits: dict[str, Any],
        tests: int,
        left: tuple[float, float, float],
        proc: int | None,
        stolen: StolenTime,
    ) -> None:
        self._processes, self._testing = processes, testing
        self._proc, self._stolen = proc, stolen
        self._limits, self._tests = limits, tests
        self._budget, self._sleep, self._wall_end = left
        self._limit, self._sleep_limit = float(limits["cpu_seconds"]), float(limits["wall_seconds"])
        self._result = AttemptResult()
        self._buffer = b""
        self._mark = self._sleep_mark = 0.0  # CPU and sleeping time at which the current test began
        self._over = self._alone = self._tester_used = False
        self.slow: Callable[[int], None] = lambda program: None
        """Called with the pid of the program while the supervisor waits for it."""

    def run(self, job: int, first: int) -> AttemptResult:
        """Run to the end of the tests, or to the test that ends the attempt.

        `job` is the descriptor of a file with the job, `first` the number of the first test.
        """
        self._before = _cpu_of(self._testing.pid)
        self._start(job, first)
        pids = (self._program, self._testing.pid)
        before = {pid: waits_of(self._proc, pid) for pid in pids}
        self._clock = SleepClock(self._proc, self._stolen, self._cpu(), before)
        try:
            self._watch()
        finally:
            self._result.cpu = self._cpu()
            self._result.slept = self._slept()
            if not self._testing.together:
                self._processes.end(self._program)
        return self._result

    def _start(self, job: int, first: int) -> None:
        """Start the program, in a process of its own or in that of the tests."""
        self._program = self._testing.pid
        if self._testing.together:
            self._testing.begin(job, first, 0, None)
            return
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._program = self._processes.program(self._limits, theirs.fileno())
            try:
                self._testing.begin(job, first, self._program, ours.fileno())
            except BaseException:
                self._processes.end(self._program)
                raise

    def _watch(self) -> None:
        poller = select.poll()
        poller.register(self._testing.orders, select.POLLIN)
        while not self._over:
            rest = select.POLLIN if self._buffer else 0  # wakes for the rest of a message
            poller.register(self._testing.results, rest)
            left, limit = self._nearest_limit()
            if not poller.poll(1000 * min(max(left, _SHORTEST_WAIT), _LONGEST_WAIT)):
                self.slow(self._program)
            data = self._testing.read()
            if data is None:
                self._end(*_cause(self._processes.wait(self._testing.pid)))
            elif data:
                try:
                    self._read_messages(data)
                except _ForgedError:
                    self._end("crashed", "wrote to the judge's channel")
            else:
                exact = self._look()
                if left <= 0:  # and all messages that were written in time have been read
                    left, limit = self._nearest_limit(exact)
                    if left <= 0:
                        self._end("timeout", limit)

    def _cpu(self) -> float:
        """Return the CPU seconds of both processes in this attempt, with all threads and exits."""
        program = 0.0 if self._testing.together else _cpu_of(self._program)
        return program + _cpu_of(self._testing.pid) - self._before

    def _nearest_limit(self, exact: bool = True) -> tuple[float, str]:
        """Return the seconds to the limit that is reached first, and the message for it.

        If the sleeping time is not `exact`, no limit on it has been reached.
        """
        cpu, now = self._cpu(), time.monotonic()
        slept = self._clock.read(cpu, now) if exact else 0.0
        return min(
            (self._mark + self._limit - cpu, f"more than {self._limit:g} s of CPU time"),
            (self._budget - cpu, BUDGET_SPENT),
            (min(self._sleep_mark + self._sleep_limit, self._sleep) - slept, _WAITED),
            (self._wall_end - now, STARVED),
        )

    def _look(self) -> bool:
        """Read the waits for a CPU so far. Return True if the sleeping time is exact now."""
        cpu, now = self._cpu(), time.monotonic()
        asleep = not self._clock.look()
        if asleep:
            self._clock.settle(cpu, now)
        return asleep

    def _slept(self) -> float:
        """Return the seconds slept, as exactly as can be known now."""
        if self._clock.unexplained(self._cpu(), time.monotonic()) > _UNEXPLAINED:
            self._look()
        return self._clock.read(self._cpu(), time.monotonic())

    def _read_messages(self, data: bytes) -> None:
        """Process the messages that are complete. Raises _ForgedError for a malformed one."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if len(self._buffer) > _MAX_MESSAGE_BYTES:
            raise _ForgedError
        cpu, now, runnable = self._cpu(), time.monotonic(), set()
        unknown = self._clock.unexplained(cpu, now) > _UNEXPLAINED
        if unknown:
            runnable = self._clock.look()
        # The tests' process was awake: a wait of it that is not yet known came later. So did one of
        # the program's main thread, which had answered.
        unclear = {pid for pid, thread in runnable if thread != pid}
        exact = self._testing.together or self._program not in unclear
        for line in lines:
            if self._over:  # the tests' process continued before it could be stopped
                self._result.usable = False
                return
            self._read_message(line, cpu, now, exact)
        if unknown and not runnable:
            self._clock.settle(cpu, now)

    def _read_message(self, line: bytes, cpu_now: float, now: float, exact: bool) -> None:
        try:
            message = json.loads(line.decode("ascii"))  # given bytes, it would guess the encoding
            key, kind, content, tests_cpu, program_cpu, written = message
            cpu = float(tests_cpu) - self._before + float(program_cpu)
            written = min(float(written), now)
        except (ValueError, TypeError, ArithmeticError, RecursionError):
            raise _ForgedError from None
        if key != self._testing.key or not (isfinite(cpu) and isfinite(written)):
            raise _ForgedError
        cpu = max(self._mark, min(cpu, cpu_now))
        slept = max(self._sleep_mark, self._clock.read(cpu, written))
        if exact and slept > min(self._sleep_mark + self._sleep_limit, self._sleep):
            self._end("timeout", _WAITED)  # this process was late
            return
        self._message(kind, content, cpu)
        self._mark, self._sleep_mark = cpu, slept

    def _message(self, kind: str, content: Any, cpu: float) -> None:
        result = self._result
        if kind == "gone":
            self._end(*self._program_cause(content))
            result.usable = not self._tester_used
        elif cpu - self._mark > self._limit:
            self._end("timeout", f"more than {self._limit:g} s of CPU time")
        elif kind == "failed" and not result.loaded:
            result.ended, result.usable = _check_outcome(content), not self._tester_used
            self._over = True
        elif kind == "loaded" and not result.loaded and type(content) is int:
            result.loaded, result.output_before_tests = True, min(content, _MAX_OUTPUT_BYTES)
            self._over = not self._tests
        elif kind == "used":
            self._tester_used = True
        elif kind == "alone" and result.loaded and not result.outcomes and not self._alone:
            # this test may damage its process, so that only its own outcome counts
            self._alone = self._tester_used = True
        elif kind == "next" and result.outcomes:
            self._over = True
        elif kind == "test" and result.loaded:
            self._test_done(_check_outcome(content))
        else:
            raise _ForgedError

    def _test_done(self, outcome: dict[str, Any]) -> None:
        if outcome["status"] == "out of memory":
            self._result.ended, self._over = outcome, True  # the memory may still be full
            return
        self._result.outcomes.append(outcome)
        if len(self._result.outcomes) == self._tests or self._alone:
            self._over, self._result.usable = True, not self._tester_used

    def _end(self, status: str, message: str) -> None:
        self._result.ended, self._over = {"status": status, "message": message}, True

    def _program_cause(self, why: str) -> tuple[str, str]:
        """Return the status and message of a program that no longer answers the tests."""
        if why == "broken":
            return "crashed", "answered with what is no value"
        return _cause(self._processes.wait(self._program))


def _cause(found: tuple[int, int] | None) -> tuple[str, str]:
    if found is None:
        return "crashed", "closed the judge's channel"
    code, status = found
    if code == os.CLD_EXITED:
        return "crashed", f"exit code {status}"
    if status == signal.SIGXCPU:
        return "timeout", BUDGET_SPENT
    return "crashed", f"killed by {_signal_name(status)}"


def _cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process, with all threads and its exit, until it is reaped."""
    return time.clock_gettime((~pid << 3) | 2)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most real-time signals only have a number
        return f"signal {number}"


def _check_outcome(body: Any) -> dict[str, Any]:
    """Return an outcome whose fields have the right types. Raises _ForgedError for any other."""
    if not isinstance(body, dict) or body.get("status") not in _STATUSES:
        raise _ForgedError
    for name, value in body.items():
        if name == "line":
            valid = value is None or type(value) is int
        else:
            valid = name in ("status", "expected", "actual", "value", "exception", "message")
            valid = valid and isinstance(value, str)
        if not valid:
            raise _ForgedError
    return body
