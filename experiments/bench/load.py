"""`python -m experiments.bench.load`: verdicts near the limits on a quiet and on a busy machine.

Judges the programs of `load_programs` several times, first as the only work, then beside two
scorings and six endless loops. Prints each verdict that is not the expected one, and fails if there
is any.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

from agent.support.command import command
from agent.support.options import CommandParser
from experiments.bench.load_programs import TOOLS, LoadCase, cases
from experiments.bench.sandbox import positive
from sandbox import SandboxConfig, Status, open_sandbox
from sandbox.base import Sandbox

NAME = "experiments.bench.load"
LOOPS, SCORINGS = 6, 2
SAMPLES, SAMPLE_SECONDS = 2_000, 0.5
_PROBLEM = {
    "task_id": "load/0",
    "prompt": "def f():\n",
    "entry_point": "f",
    "canonical_solution": "    return 1\n",
    "test": "def check(candidate):\n    assert candidate() == 1\n",
}


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[None]:
    """Run Python in a process that is ended afterwards, with all that it has started."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # the kernel may share the CPUs between sessions
    )
    try:
        yield
        if process.returncode is not None:
            raise RuntimeError(f"{arguments[:2]} ended early, with code {process.returncode}")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def busy_machine(backend: str, folder: Path) -> AsyncIterator[None]:
    """Keep the machine busy: scorings with two slots each, and endless loops."""
    dataset, samples = folder / "dataset.jsonl", folder / "samples.jsonl"
    dataset.write_text(json.dumps(_PROBLEM) + "\n")
    work = f"{TOOLS}\ndef f():\n    burn({SAMPLE_SECONDS})\n    return 1\n"
    lines = (
        json.dumps({"task_id": "load/0", "solution": f"# {number}\n{work}"})
        for number in range(SAMPLES)
    )
    samples.write_text("\n".join(lines) + "\n")
    score = ("-m", "agent.score", str(samples), "--dataset", str(dataset), "--sandbox", backend)
    async with AsyncExitStack() as stack:
        for _ in range(SCORINGS):
            await stack.enter_async_context(running(*score))
        for _ in range(LOOPS):
            await stack.enter_async_context(running("-c", "while True: pass"))
        await asyncio.sleep(3)  # the scorings have started
        yield


async def verdicts(box: Sandbox, chosen: Sequence[LoadCase]) -> list[str]:
    """Judge all programs at once. Return the verdict and message of each, in order."""

    async def one(case: LoadCase) -> str:
        outcome = (await box.run(case.job)).outcomes[0]
        return f"{outcome.status.value} ({outcome.message})" if outcome.message else outcome.status

    return list(await asyncio.gather(*map(one, chosen)))


def differing(chosen: Sequence[LoadCase], found: Sequence[str]) -> list[str]:
    """Return a line for each verdict that is not the expected one."""
    return [
        f"{case.name}: {verdict}, and not {expected}"
        for case, verdict in zip(chosen, found, strict=True)
        for expected in [Status.PASSED if case.passes else Status.TIMEOUT]
        if not verdict.startswith(expected)
    ]


async def compare(arguments: argparse.Namespace) -> int:
    """Judge the programs on a quiet and on a busy machine. Return the number of wrong verdicts."""
    chosen = list(cases(arguments.seconds))
    Random(0).shuffle(chosen)  # so that sleepers and workers share the slots
    config = SandboxConfig(backend=arguments.sandbox, slots=arguments.slots)
    wrong = 0
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        box = await stack.enter_async_context(open_sandbox(config))
        for state in arguments.states.split(","):
            async with AsyncExitStack() as load:
                if state == "busy":
                    await load.enter_async_context(busy_machine(box.info.backend, Path(folder)))
                for repeat in range(arguments.repeat):
                    start = time.monotonic()
                    lines = differing(chosen, await verdicts(box, chosen))
                    took, mean = time.monotonic() - start, os.getloadavg()[0]
                    wrong += len(lines)
                    print(
                        f"{box.info.backend}, {state}, {repeat + 1} of {arguments.repeat}: "
                        f"{len(lines)} of {len(chosen)} verdicts differ; {took:.0f} s, "
                        f"load {mean:.1f}",
                        *lines,
                        sep="\n  ",
                        flush=True,
                    )
    return wrong


@command(NAME)
def main(argv: list[str]) -> int:
    """Return 0 if every verdict is the expected one, else 1."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--slots", type=positive, default=2)
    parser.add_argument("--seconds", type=float, default=3.0, help="limit of each program")
    parser.add_argument("--repeat", type=positive, default=3, help="repeats in each state")
    parser.add_argument(
        "--states",
        default="quiet,busy",
        choices=("quiet,busy", "quiet", "busy"),
        help="states of the machine",
    )
    return 1 if asyncio.run(compare(parser.parse_args(argv))) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
