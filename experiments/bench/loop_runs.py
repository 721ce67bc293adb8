"""Runs of `agent.run` in separate processes against a given server, and the stand-in server."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from agent.errors import AgentError
from agent.report.summary import Report
from agent.runner.folder import RunFolder
from agent.support.data import ROOT
from agent.types import Trace
from experiments.bench.latency import Hardware

LABEL = "bench"
"""The label of the model: with one, the server is asked nothing but the loop's own requests."""


class RunError(AgentError):
    """A run, a server or the bench failed; the message quotes its output or names the failure."""


class ObservedRun(NamedTuple):
    """A finished run and the times of its process, measured from outside."""

    begin: float
    """Monotonic clock, in seconds, before the run's Python starts."""
    end: float
    """Monotonic clock, in seconds, after the run's Python has ended."""
    cpu: float
    """CPU seconds of the run's own process, without its sandbox."""
    report: Report
    traces: tuple[Trace, ...]

    @property
    def executions(self) -> int:
        """Number of programs that the run's sandbox ran, on visible and on hidden tests."""
        judged = (len({c.source for c in trace.candidates}) for trace in self.traces)
        return self.report.executions + sum(judged)


async def run_once(folder: Path, url: str, arguments: Sequence[str]) -> ObservedRun:
    """Start a run with its own store in `folder` and wait for it. Raises RunError if it fails."""
    cpu = folder / "cpu"
    where = ("--out", str(folder / "run"), "--store", str(folder / "store.sqlite"))
    model = ("--model.base-url", url, "--model.label", LABEL)
    command = ("-m", "experiments.bench.timed_run", str(cpu), *where, *model)
    begin = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command, *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, stderr = await process.communicate()
    end = time.monotonic()
    if process.returncode:
        raise RunError(stderr.decode(errors="replace").strip()[-500:])
    run = RunFolder.open(folder / "run")
    report = run.report()
    if report is None:
        raise RunError(f"{run.path}: the run is not finished")
    return ObservedRun(begin, end, float(cpu.read_text("utf-8")), report, tuple(run.traces()))


def options(arguments: argparse.Namespace, seed: int) -> list[str]:
    """Return the command-line options of a run that solves all problems at once."""
    given = {
        "dataset": arguments.dataset,
        "limit": arguments.problems,
        "problems": arguments.problems,
        "seed": seed,
        "rounds": arguments.rounds,
        "draft.n": arguments.drafts,
        "model": "served",
        "model.concurrency": arguments.concurrency,
        "model.max-tokens": arguments.max_tokens,
        "sandbox": arguments.sandbox,
        "sandbox.slots": arguments.slots,
        "repair.patch": arguments.patch,
    }
    return [part for name, value in given.items() for part in (f"--{name}", str(value))]


@asynccontextmanager
async def open_standin(hardware: Hardware) -> AsyncIterator[str]:
    """Start the stand-in server in a separate process; yield its address. Raises RunError."""
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "experiments.bench.standin",
            "--hardware",
            hardware.model_dump_json(),
        ),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        line = await process.stdout.readline() if process.stdout else b""
        if not line:
            raise RunError("the stand-in server does not start")
        yield line.decode().strip()
    finally:
        if process.stdin:
            process.stdin.close()  # the stand-in ends with its input
        await process.communicate()
