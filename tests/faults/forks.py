"""Starts of `agent.run` by a fork, which saves the imports, with a kill at a chosen time or write.

`python -m tests.faults.forks` is the clean process that forks; `Forks` talks to it.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import BuiltinFunctionType, FrameType

PRELOADED = ("agent.run", "agent.runner.run", "agent.runner.progress", "agent.report.terminal")
USED_LATER = (
    "agent.models.served.model",
    "openai",
    "openai.resources.chat",
    "httpx",
    "rich.console",
)
_STATEMENTS = frozenset({"execute", "executemany", "executescript"})
_SYSTEM_CALLS = frozenset({"fsync", "mkdir", "rename", "replace", "unlink"})


@dataclass(frozen=True)
class Start:
    """One start of `agent.run`, and the time or write at which it is killed, if at all."""

    arguments: list[str]
    log: str
    seconds: float | None = None
    """Kill it after this many seconds."""
    write: int | None = None
    """Kill it before the write with this number, from 1; 0 only counts the writes."""


@dataclass(frozen=True)
class End:
    """The end of a start."""

    code: int
    """Exit code; -9 if it was killed."""
    seconds: float
    writes: int
    """Number of writes; 0 if it was killed."""


class Forks:
    """The forking process, from the side of its parent."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forks"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, start: Start) -> End:
        """Make a start, and return when it has ended."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the forking process has no pipes")
        print(json.dumps(asdict(start)), file=self._process.stdin, flush=True)
        return End(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def serve() -> None:
    """Fork once for each line on stdin, and print the end of the child."""
    for name in (*PRELOADED, *USED_LATER):
        importlib.import_module(name)
    for line in sys.stdin:
        start = Start(**json.loads(line))
        began, pid = time.monotonic(), os.fork()
        if pid == 0:
            _perform(start)
        watched = os.pidfd_open(pid)
        if not select.select([watched], [], [], start.seconds)[0]:
            os.kill(pid, signal.SIGKILL)
        os.close(watched)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        counted = Path(f"{start.log}.writes")
        writes = int(counted.read_text()) if code >= 0 else 0
        print(json.dumps(asdict(End(code, time.monotonic() - began, writes))), flush=True)


def _perform(start: Start) -> None:
    """Run `agent.run` in the child, with all output in the log file."""
    from agent.run import main

    with Path(start.log).open("a") as log:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    counter = WriteCounter(start.write)
    if start.write is not None:
        sys.setprofile(counter)
    code = main(start.arguments)
    sys.setprofile(None)
    sys.stdout.flush()
    Path(f"{start.log}.writes").write_text(str(counter.writes))
    os._exit(code)


class WriteCounter:
    """A profile function that counts writes to files, and kills before the chosen one."""

    def __init__(self, last: int | None):
        self.writes = 0
        self._last = last

    def __call__(self, frame: FrameType, event: str, what: object) -> None:
        if event != "c_call" or not isinstance(what, BuiltinFunctionType) or not _writes(what):
            return
        self.writes += 1
        if self.writes == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def _writes(what: BuiltinFunctionType) -> bool:
    if what.__name__ in _STATEMENTS:
        return isinstance(what.__self__, sqlite3.Connection)
    return what.__name__ in _SYSTEM_CALLS and what.__module__ == "posix"


if __name__ == "__main__":
    serve()
