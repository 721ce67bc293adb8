"""Edge inputs in the default selector: expected pass@1 with and without them, on recorded samples.

DATA is the folder of recorded sets. Only sets with several samples per problem count, and of each
problem the first 20. Both rankings use one matrix, so that they differ in nothing else. HumanEval's
samples are judged by HumanEval+, too. The figures are in percent, paired by problem.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from agent.answers import load_extractor
from agent.datasets import load
from agent.datasets.answers import read_answers
from agent.errors import DatasetError
from agent.evaluation.scoring import Scorer
from agent.evaluation.selectors import RankedProblem, build_pools, rank_pools, read_recorded
from agent.evaluation.settings import SelectConfig
from agent.selection import load_selector
from agent.support.command import command
from agent.support.files import dump_lines
from agent.support.options import CommandParser
from experiments.recorded.parity import SETS, RecordedSet
from experiments.recorded.selection import Backend, config_of
from experiments.studies.markers import write_block
from sandbox import open_sandbox
from sandbox.base import Sandbox

NAME = "experiments.recorded.edge_gain"
MARKERS = "<!-- edge-gain: begin -->", "<!-- edge-gain: end -->"
PLUS = "humaneval_plus"
LARGE, MOST = "codet-codegen16b-humaneval", 20
"""A set of 100 samples per problem, and the number of those that count."""
MBPP = "qwen3-0.6b-mbpp-gaozhan13"
RAW = "torek-7b-humaneval"
"""A set of raw answers: the default extractor reads the programs."""
MORE = (
    RecordedSet("mistral7b-humaneval-bdytx5", "samples.jsonl.gz", 533),
    RecordedSet("qwen25coder-1.5b-humaneval-vsattamini-temp", "samples.jsonl.gz", 796),
    RecordedSet(RAW, "samples.jsonl.gz", 265),
    RecordedSet(MBPP, "samples.jsonl.gz", 1366),
)
Pair = tuple[float, float]
"""The expected verdict on one problem, without and with edge inputs."""


class Gain(NamedTuple):
    """The results on one set."""

    label: str
    samples: int
    """Number of samples of each problem."""
    base: list[Pair]
    plus: list[Pair]
    """By HumanEval+; empty for another benchmark."""


async def measure(label: str, config: SelectConfig) -> Gain | None:
    """Return the results on one set; None if it has one sample per problem."""
    recorded = read_recorded(config)
    samples = max(len(problem.samples) for problem in recorded)
    if samples == 1:
        return None
    selector = load_selector(config.selector)
    async with open_sandbox(config.sandbox.opening()) as sandbox:
        made = await build_pools(config, recorded, sandbox, lambda done, total: None)
        pools = [replace(pool, depth=1) for pool in made]
        without = await rank_pools(selector, recorded, [replace(pool, edges=()) for pool in pools])
        chosen = list(zip(without, await rank_pools(selector, recorded, pools), strict=True))
        base = await judged(chosen, Scorer(config.dataset), sandbox, config)
        plus: list[Pair] = []
        if config.dataset != "mbpp":
            plus = await judged(chosen, Scorer(PLUS), sandbox, config)
    return Gain(label, samples, base, plus)


async def judged(
    chosen: Sequence[tuple[RankedProblem, RankedProblem]],
    scorer: Scorer,
    sandbox: Sandbox,
    config: SelectConfig,
) -> list[Pair]:
    """Return the expected verdicts of both answers on each problem that can be judged."""

    async def one(pair: tuple[RankedProblem, RankedProblem]) -> Pair | None:
        groups = [ranked.ranking.groups[0] for ranked in pair]
        members = sorted({member for group in groups for member in group})
        pool, task = pair[0].pool, pair[0].recorded.problem.task_id
        candidates = [pool.candidates[member] for member in members]
        score = await scorer.score(task, candidates, sandbox, config.sandbox)
        passed = dict(zip(members, score.passed, strict=True))
        before, after = (fmean(passed[member] for member in group) for group in groups)
        return (before, after) if score.judges() else None

    return [found for found in await asyncio.gather(*map(one, chosen)) if found is not None]


def table(gains: Sequence[Gain]) -> Iterator[str]:
    """Yield the table: a row per set, and the means of the sets."""
    heads = ("without", "with", "gain", "better, worse")
    columns = [*heads, *(f"plus {head}" for head in heads)]
    yield f"| samples | n | {' | '.join(columns)} |"
    yield "|---" * (len(columns) + 2) + "|"
    for gain in gains:
        cells = [*_cells(gain.base), *_cells(gain.plus)]
        yield f"| {gain.label} | {gain.samples} | {' | '.join(cells)} |"
    means = [_mean_gain([gain.base for gain in gains]), _mean_gain([g.plus for g in gains])]
    yield f"| mean of the sets | | | | {means[0]} | | | | {means[1]} | |"


def _cells(pairs: Sequence[Pair]) -> tuple[str, ...]:
    if not pairs:
        return ("",) * 4
    before, after = (100 * fmean(side) for side in zip(*pairs, strict=True))
    better, worse = sum(b > a for a, b in pairs), sum(b < a for a, b in pairs)
    return f"{before:.2f}", f"{after:.2f}", f"{after - before:+.2f}", f"{better}, {worse}"


def _mean_gain(sets: Sequence[Sequence[Pair]]) -> str:
    gains = [fmean(after - before for before, after in pairs) for pairs in sets if pairs]
    return f"{100 * fmean(gains):+.2f}" if gains else ""


def _settings(data: Path, recorded: RecordedSet, backend: Backend, folder: Path) -> SelectConfig:
    """Return the settings of a set; `folder` gets the programs of one with raw answers."""
    config = config_of(data, recorded, backend)
    if recorded.folder == LARGE:
        return config.model_copy(update={"n": MOST})
    if recorded.folder == MBPP:
        return config.model_copy(update={"dataset": "mbpp"})
    if recorded.folder != RAW:
        return config
    problems = {problem.task_id: problem for problem in load("humaneval").problems}
    extract = load_extractor("codeloop").extract
    programs = folder / "programs.jsonl"
    answers = read_answers(config.samples, problems)
    lines = ({"task_id": task, "solution": extract(problems[task], text)} for task, text in answers)
    programs.write_text(dump_lines(lines), encoding="utf-8")
    return config.model_copy(update={"samples": programs})


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the table; with --readme, also write it to its page."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--only", default="", help="only sets whose folder name contains this text")
    parser.add_argument("--readme", action="store_true", help="write the table to its page")
    arguments = parser.parse_args(argv)
    chosen = [recorded for recorded in (*MORE, *SETS) if arguments.only in recorded.folder]
    if not chosen:
        raise DatasetError(f"--only: no set's folder name contains {arguments.only!r}")
    gains: list[Gain] = []
    with tempfile.TemporaryDirectory() as folder:
        for recorded in chosen:
            config = _settings(arguments.data, recorded, arguments.sandbox, Path(folder))
            if gain := asyncio.run(measure(recorded.label, config)):
                gains.append(gain)
                print(gain.label, *_cells(gain.base), *_cells(gain.plus), file=sys.stderr)
    block = "\n".join(table(gains))
    print(block)
    if arguments.readme:
        write_block(f"{block}\n\n*(`python -m {NAME} DATA`)*", MARKERS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
