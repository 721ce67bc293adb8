"""`python -m experiments.bench.fork`: what a job costs beside a bare fork.

A job is a one-line program and five asserts, as visible and as trusted tests. Ours forks a process
for the program, confines it and sends it a message for each call; the process of such tests serves
many jobs. The floor is a preloaded Python that forks once, runs the same, and exits (`fork_floor`).
A job is compared with two of those, which is what it takes if each has a process of its own for its
tests. A screened program is one of many that run in one process. The contestants take turns, with
one slot. CPU time and page faults are those of the whole machine, so that nothing else may run on
it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

from agent.support.command import command
from agent.support.options import CommandParser
from experiments.bench import fork_floor
from experiments.bench.footprint import busy_seconds, machine, page_faults
from experiments.bench.sandbox import SandboxFigure, positive, table
from experiments.studies.markers import pages_with, write_block
from sandbox import Job, Limits, SandboxConfig, Screen, open_sandbox
from sandbox.base import Sandbox
from sandbox.judge.preload import MODULES

NAME = "experiments.bench.fork"
MARKERS = ("<!-- bench_fork: begin -->", "<!-- bench_fork: end -->")
COMPARED_FORKS = 2


class JobCost(NamedTuple):
    """The cost of a job: CPU time in milliseconds, and page faults."""

    milliseconds: float
    faults: float


Batch = Callable[[int], Awaitable[None]]
"""Runs a number of jobs."""


def ours(box: Sandbox, *, trusted: bool) -> Batch:
    """Return a batch of jobs in our sandbox."""
    job = Job(fork_floor.PROGRAM, fork_floor.TESTS, Limits(), "f", trusted=trusted)

    async def run(jobs: int) -> None:
        for _ in range(jobs):
            outcomes = (await box.run(job)).outcomes
            if not all(outcome.passed for outcome in outcomes):
                raise RuntimeError(f"a job of the benchmark failed: {outcomes}")

    return run


def screened(box: Sandbox) -> Batch:
    """Return a batch of programs that are screened together."""

    async def run(jobs: int) -> None:
        programs = (fork_floor.PROGRAM,) * jobs
        found = await box.screen(Screen(programs, fork_floor.TESTS))
        if not all(map(all, found.passed)):
            raise RuntimeError("a screen of the benchmark failed")

    return run


async def open_floor(stack: AsyncExitStack) -> Batch:
    """Start the floor's process, which ends with the stack."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(fork_floor.__file__)),
        *MODULES.split(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    reader, writer = process.stdout, process.stdin
    if reader is None or writer is None:
        raise RuntimeError("the floor has no standard input or output")
    stack.push_async_callback(process.wait)
    stack.callback(writer.close)  # it ends with its input

    async def run(jobs: int) -> None:
        writer.write(b"%d\n" % jobs)
        if not await reader.readline():
            raise RuntimeError("the floor has ended")

    return run


async def cost(batch: Batch, jobs: int) -> JobCost:
    """Measure a batch of jobs, to one tick of the machine's clock at the least."""
    seconds, faults = busy_seconds(), page_faults()
    await batch(jobs)
    used = max(busy_seconds() - seconds, 1 / os.sysconf("SC_CLK_TCK"))
    return JobCost(1000 * used / jobs, (page_faults() - faults) / jobs)


def figures(floor: list[JobCost], mine: dict[str, list[JobCost]]) -> Iterable[SandboxFigure]:
    """Yield the rows of the table."""
    for name, costs in {"the floor: one fork": floor, **mine}.items():
        target = "at most 0.5 ms" if "screened" in name else ""
        yield SandboxFigure(name, target, [one.milliseconds for one in costs], " ms")
        yield SandboxFigure(f"{name}, page faults", "", [one.faults for one in costs])
    visible = [
        own.milliseconds / (COMPARED_FORKS * least.milliseconds)
        for own, least in zip(mine["visible tests"], floor, strict=True)
    ]
    yield SandboxFigure("visible tests against two forks", "at most 1.5x", visible, "x")


async def measure(arguments: argparse.Namespace) -> tuple[list[SandboxFigure], str]:
    """Measure all contestants in turn. Return the rows, and a description of the machine."""
    config = SandboxConfig(backend=arguments.sandbox, slots=1)
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(open_sandbox(config))
        batches = {
            "floor": await open_floor(stack),
            "visible tests": ours(box, trusted=False),
            "trusted tests": ours(box, trusted=True),
            "a screened program": screened(box),
        }
        found: dict[str, list[JobCost]] = {name: [] for name in batches}
        for batch in batches.values():
            await batch(arguments.jobs // 4 + 1)  # warms it up
        for _ in range(arguments.repeat):
            for name, batch in batches.items():
                found[name].append(await cost(batch, arguments.jobs))
        where = machine(box.info.backend, 1)
    floor = found.pop("floor")
    return list(figures(floor, found)), where


@command(NAME)
def main(argv: list[str]) -> int:
    """Measure, and print the table."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--jobs", type=positive, default=400, help="jobs in each round")
    parser.add_argument("--repeat", type=positive, default=7, help="number of rounds")
    parser.add_argument("--readme", action="store_true", help="also write the table to its page")
    arguments = parser.parse_args(argv)
    if arguments.readme:
        pages_with(MARKERS)  # fail before measuring
    rows, where = asyncio.run(measure(arguments))
    text = table(rows, where, NAME)
    if arguments.readme:
        write_block(text, MARKERS)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
