"""Starts of `agent.run` that cost a fork and not its imports, and that are killed when one likes.

`python -m tests.faults.forks` is the clean process that forks; `Forks` speaks to it.
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
    """One start, and when it is killed, if ever."""

    arguments: list[str]
    log: str
    seconds: float | None = None
    """After so many seconds."""
    write: int | None = None
    """Before the so manieth write; 0 counts the writes and kills before none."""


@dataclass(frozen=True)
class End:
    """How it ended."""

    code: int
    """-9 where it was killed."""
    seconds: float
    writes: int
    """Only of one that was not killed."""


class Forks:
    """The forking process, seen from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forks"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, start: Start) -> End:
        """Returns when the start has ended."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipes")
        print(json.dumps(asdict(start)), file=self._process.stdin, flush=True)
        return End(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def serve() -> None:
    """Fork once for each line on stdin."""
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
    """The child: everything that it says goes to a file."""
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
    """Counts what changes a file, as a profile function, and kills before the chosen one."""

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
