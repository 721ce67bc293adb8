"""The judge's first process: reads jobs as frames and returns executions, one at a time.

It never runs, unpickles or evaluates anything from a program or a test. Their processes are forks
of the zygote, which has not seen a program or a test.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import platform
import signal
import time
from typing import Any

from . import cleanup, confine, frames, jail, sleeping, zygote
from .affinity import Affinity
from .attempt import Attempt, AttemptResult
from .capture import BYTES_PER_CHARACTER
from .prctl import SET_DUMPABLE, prctl
from .processes import JudgeError, TesterProcess

_TIMEOUT = {"status": "timeout", "message": "the time of the whole job was used up"}
PRIVATE_FILES = "private temporary directory, wiped after each program"
NOTHING_SURVIVES = "nothing survives a program"
TESTS_APART = "tests run in a process apart from the program"


class Supervisor:
    """The supervisor of one slot: runs jobs in processes that the zygote forks."""

    def __init__(self, directory: str, limit_tasks: bool, proc: int | None) -> None:
        self._directory = directory
        os.chdir(directory)
        os.environ["TMPDIR"] = os.environ["HOME"] = directory
        self._output, self._job = os.memfd_create("output"), os.memfd_create("job")
        fcntl.fcntl(self._output, fcntl.F_SETFL, os.O_APPEND)

        def prepare() -> confine.Confinement:
            if proc is not None:
                os.close(proc)
            return confine.prepare(directory, limit_tasks)

        self._processes = zygote.start(self._output, prepare)
        self._layers = self._processes.layers()
        self._proc = sleeping.usable_proc(proc)
        self._stolen = sleeping.StolenTime(self._proc)
        self._testing: TesterProcess | None = None
        self._affinity = Affinity()

    def hello(self, granted: list[str], missing: list[str]) -> dict[str, Any]:
        """Return the first frame: the Python version, and the enforced and missing protections."""
        enforced = [*granted, *self._layers]
        measured = [sleeping.MEASURED]
        if self._proc is None:
            missing, measured = [*missing, *measured], []
        return {
            "python": platform.python_version(),
            "enforced": [*enforced, PRIVATE_FILES, NOTHING_SURVIVES, TESTS_APART, *measured],
            "missing": [*missing, *(name for name in confine.LAYERS if name not in self._layers)],
            "weak": not {jail.OWN_ROOT, confine.FILES, confine.SYSCALLS} & set(enforced),
        }

    def serve(self, source: int, sink: int) -> None:
        """Answer jobs until the host closes the stream."""
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
        """Run a job and return its execution.

        If a test ends a process, the remaining tests run in a fresh pair of processes.
        """
        limits, count = job["limits"], len(job["tests"])
        room = int(limits["output_chars"])
        _fill(self._job, json.dumps(job).encode("ascii"))
        budget, sleep = float(limits["budget_seconds"]), sleeping.allowance(limits)
        wall_end = time.monotonic() + sleeping.longest_wall(limits)
        outcomes: list[dict[str, Any]] = []
        output = ""
        while True:
            left = (budget, sleep, wall_end)
            result = self._attempt(job, len(outcomes), left)
            budget, sleep = budget - result.cpu, sleep - result.slept
            # keep the output of loading once, not once per process
            output += self._printed(result.output_before_tests if outcomes else 0, room)
            outcomes += result.outcomes
            if result.ended is not None:
                outcomes += [result.ended] * (1 if result.loaded else count - len(outcomes))
            self._clean()
            if len(outcomes) >= count or min(budget, sleep, wall_end - time.monotonic()) <= 0:
                break
        outcomes += [_TIMEOUT] * (count - len(outcomes))
        used = float(limits["budget_seconds"]) - budget
        return {"outcomes": outcomes[:count], "stdout": output[:room], "cpu_seconds": used}

    def _attempt(
        self, job: dict[str, Any], first: int, left: tuple[float, float, float]
    ) -> AttemptResult:
        """Run the program and a process of tests, which is kept if other jobs may use it.

        `left` is what is left to the job: CPU time, sleeping time, and the end of its wall time. A
        lack of memory is only believed of a process of tests that no other job has used.
        """
        limits, trusted = job["limits"], job["trusted"]
        together = job["isolation"] == "shared"
        testing = self._testing
        if testing is None or together or not testing.serves(limits["memory_mb"], trusted):
            self._end_testing()
            testing = self._testing = self._processes.testing(limits, trusted, together)
        count = len(job["tests"]) - first
        attempt = Attempt(self._processes, testing, limits, count, left, self._proc, self._stolen)
        attempt.slow = self._affinity.move
        self._affinity.hold(self._processes.zygote, testing.pid)
        try:
            result = attempt.run(self._job, first)
        finally:
            self._affinity.let_go()
        sealed = confine.SYSCALLS in self._layers  # if not, the program may have forked
        full = result.ended is not None and result.ended.get("exception") == "MemoryError"
        if full or together or not (result.usable and sealed):
            self._end_testing()
        if not sealed and not cleanup.end_survivors(self._processes.zygote, self._processes.reap):
            raise JudgeError("a process of the program could not be ended")
        if full and testing.jobs > 1:
            self._clean()
            return self._attempt(job, first, left)
        return result

    def _end_testing(self) -> None:
        testing, self._testing = self._testing, None
        if testing is not None:
            testing.close()
            self._processes.end(testing.pid)

    def _printed(self, start: int, characters: int) -> str:
        size = os.fstat(self._output).st_size
        data = os.pread(self._output, min(characters * BYTES_PER_CHARACTER, size), start)
        return data.decode("utf-8", "replace")[:characters]

    def _clean(self) -> None:
        os.ftruncate(self._output, 0)
        fcntl.fcntl(self._output, fcntl.F_SETFL, os.O_APPEND)  # the program can change it
        cleanup.wipe(self._directory)


def _fill(fd: int, data: bytes) -> None:
    os.ftruncate(fd, 0)
    view = memoryview(data)
    while view:
        view = view[os.pwrite(fd, view, len(data) - len(view)) :]


def _without_evidence(answer: dict[str, Any]) -> dict[str, Any]:
    """Return only the verdicts, for an answer whose evidence is too large for a frame."""
    return {"outcomes": [{"status": o["status"]} for o in answer["outcomes"]], "stdout": ""}


def main(
    directory: str,
    granted: list[str],
    missing: list[str],
    limit_tasks: bool,
    memory_mb: int = 0,
    proc: int | None = None,
) -> None:
    """Serve on standard input and output, which are closed to programs.

    `memory_mb` is the memory of the whole slot, which the greeting tells the host; 0 if unknown.
    `proc` is a descriptor of /proc, if it is not in the file system.
    """
    source, sink = os.dup(0), os.dup(1)
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    os.umask(0o077)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.collect()
    gc.freeze()  # a collection writes to every object, and so to every page that forks share
    supervisor = Supervisor(directory, limit_tasks, proc)
    prctl(SET_DUMPABLE, 0)
    frames.write(sink, {**supervisor.hello(granted, missing), "memory_mb": memory_mb})
    supervisor.serve(source, sink)
