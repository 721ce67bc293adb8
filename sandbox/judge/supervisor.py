"""The judge's main process: takes jobs in frames, gives executions back, one at a time.

It forks a warm copy of itself for each program. It never runs a program's code and never unpickles
or evaluates what a program wrote.
"""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import signal
import time
from typing import Any

from . import child, cleanup, confine, frames, jail
from .attempt import BUDGET_SPENT, Attempt, JudgeError, Result
from .capture import BYTES_PER_CHARACTER, Capture

_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 4, 36
_TIMEOUT = {"status": "timeout", "message": BUDGET_SPENT}
PRIVATE_FILES = "private temporary directory, wiped after each program"
NOTHING_SURVIVES = "nothing survives a program"


class Supervisor:
    """One slot."""

    def __init__(self, directory: str, limit_tasks: bool) -> None:
        self._directory = directory
        self._capture = Capture(10_000)
        os.chdir(directory)
        os.environ["TMPDIR"] = os.environ["HOME"] = directory
        self._confinement = confine.prepare(directory, limit_tasks)

    def hello(self, granted: list[str], missing: list[str]) -> dict[str, Any]:
        """The first frame: which Python this is, and what is enforced around programs."""
        layers = self._confinement.layers
        return {
            "python": platform.python_version(),
            "enforced": [*granted, *layers, PRIVATE_FILES, NOTHING_SURVIVES],
            "missing": [*missing, *(name for name in confine.LAYERS if name not in layers)],
            "weak": not {jail.OWN_ROOT, confine.FILES, confine.SYSCALLS} & {*granted, *layers},
        }

    def serve(self, source: int, sink: int) -> None:
        """Answer jobs until the host closes the stream."""
        gc.collect()
        gc.freeze()
        gc.disable()
        while True:
            job = frames.read(source)
            if job is None:
                return
            try:
                answer = self.run(job)
            except (JudgeError, OSError) as error:
                answer = {"error": str(error)}
            try:
                frames.write(sink, answer)
            except frames.FrameError:
                frames.write(sink, _without_evidence(answer))

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Run a job; where a test ends its process, the rest goes on in a fresh one."""
        limits, count = job["limits"], len(job["tests"])
        room = int(limits["output_chars"])
        if self._capture.room < room * BYTES_PER_CHARACTER:
            self._capture = Capture(room)
        budget = float(limits["budget_seconds"])
        wall_end = time.monotonic() + budget * float(limits["wall_factor"])
        outcomes: list[dict[str, Any]] = []
        output = ""
        while True:
            result = self._attempt(Attempt(job, len(outcomes), budget), wall_end)
            budget -= result.cpu
            # what the program prints while loading is told once, not once a process
            output += self._capture.text(result.output_before_tests if outcomes else 0, room)
            outcomes += result.outcomes
            if result.ended is not None:
                outcomes += [result.ended] * (1 if result.loaded else count - len(outcomes))
            if len(outcomes) >= count or budget <= 0 or time.monotonic() >= wall_end:
                break
        outcomes += [_TIMEOUT] * (count - len(outcomes))
        return {"outcomes": outcomes[:count], "stdout": output[:room]}

    def _attempt(self, attempt: Attempt, wall_end: float) -> Result:
        self._capture.clear()
        result = attempt.run(self._capture, self._confinement, wall_end)
        self._clean()
        return result

    def _clean(self) -> None:
        if not cleanup.end_survivors():
            raise JudgeError("a process of the program could not be ended")
        cleanup.wipe(self._directory)


def _without_evidence(answer: dict[str, Any]) -> dict[str, Any]:
    """The verdicts alone, where all the evidence together is too much for a frame."""
    return {"outcomes": [{"status": o["status"]} for o in answer["outcomes"]], "stdout": ""}


def main(directory: str, granted: list[str], missing: list[str], limit_tasks: bool) -> None:
    """Serve on standard input and output, which no program ever sees."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    os.umask(0o077)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child.preload()
    supervisor = Supervisor(directory, limit_tasks)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    frames.write(sink, supervisor.hello(granted, missing))
    supervisor.serve(source, sink)
