"""The same samples, given to all problems alike or by need: pass@1 of recorded samples.

DATA is the folder of recorded sets. Draws are taken from the recorded samples in random orders.
`alike` draws the same number for every problem. `need` gives as many to all problems together, by
the rule of `--budget.share need`: the loop's own code hands them out, and a problem ends with its
first sample that passes all its docstring examples. The answer is one of those that pass the most
examples. Figures are means over the orders; every program runs once. If $CODELOOP_DATA has the
file of HumanEval+, the same answers are judged by it, too. --readme writes the table into its page.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path
from random import Random
from statistics import fmean
from typing import NamedTuple

from agent.config import RunConfig, SandboxSection
from agent.datasets import load
from agent.errors import DatasetError
from agent.evaluation.recorded_pools import RecordedProblem
from agent.evaluation.scoring import Scorer
from agent.evaluation.selectors import PoolVerdicts, build_pools, judge_all, read_recorded
from agent.evaluation.stats import paired_bootstrap, sign_flip
from agent.loop.budget import Spending
from agent.support.command import command
from agent.support.options import CommandParser
from experiments.recorded.parity import SETS
from experiments.recorded.selection import Backend, config_of
from experiments.studies.by_need import budget_of, steps_by_need
from experiments.studies.markers import write_block
from sandbox import open_sandbox
from sandbox.base import Sandbox

NAME = "experiments.recorded.budget_table"
ORDERS = 500
PLUS = "humaneval_plus"
MARKERS = "<!-- budget: begin -->", "<!-- budget: end -->"


class ComparedBudget(NamedTuple):
    """A recorded set, and the samples per problem at which its budgets are compared."""

    folder: str
    label: str
    sizes: tuple[int, ...]


COMPARED = (
    ComparedBudget("qwen3-0.6b-humaneval-evanzhangxin", "Qwen3-0.6B, 10 samples", (3, 5)),
    ComparedBudget("codet-codegen16b-humaneval", "CodeGen-16B, 100 samples", (5, 10, 20)),
)


@dataclass(frozen=True)
class Drawable:
    """The samples of a problem: what they pass."""

    task: str
    examples: int
    """Number of docstring examples."""
    passed: tuple[int, ...]
    """Number of examples that each sample passes."""
    verdicts: tuple[tuple[bool, ...], ...]
    """The hidden verdicts on the samples: those of HumanEval, and of HumanEval+ if it is there."""

    def length(self, order: Sequence[int]) -> int:
        """Return the draws that the problem takes: until one passes; one without examples."""
        if not self.examples:
            return 1
        ends = (at for at, i in enumerate(order, 1) if self.passed[i] == self.examples)
        return next(ends, len(order))

    def right(self, drawn: Sequence[int]) -> list[float]:
        """Return the expected verdicts on the answer: one of those that pass the most examples."""
        most = max(self.passed[i] for i in drawn)
        best = [i for i in drawn if self.passed[i] == most]
        return [fmean(verdict[i] for i in best) for verdict in self.verdicts]


async def measure(data: Path, folder: str, backend: Backend) -> list[Drawable]:
    """Run every program of a set once on its examples, and once by each benchmark's tests."""
    (recorded_set,) = (one for one in SETS if one.folder == folder)
    config = config_of(data, recorded_set, backend).model_copy(update={"tests": None})
    recorded = read_recorded(config)
    async with open_sandbox(config.sandbox.opening()) as sandbox:
        pools = await build_pools(config, recorded, sandbox, lambda done, total: None)
        judged = [await judge_all(recorded, Scorer(config.dataset), sandbox, config.sandbox)]
        if is_there(PLUS):
            judged.append(await judge_further(recorded, judged[0], sandbox, config.sandbox))
    found = []
    for pool, verdicts in zip(pools, zip(*judged, strict=True), strict=True):
        examples = pool.bits("docstring")
        one = Drawable(
            task=pool.problem.task_id,
            examples=examples.bit_count(),
            passed=tuple((passed & examples).bit_count() for passed in pool.passed),
            verdicts=tuple(one.verdicts for one in verdicts),
        )
        if all(one.check.judges(*one.verdicts) for one in verdicts):
            found.append(one)
    return found


async def judge_further(
    recorded: Sequence[RecordedProblem],
    judged: Sequence[PoolVerdicts],
    sandbox: Sandbox,
    settings: SandboxSection,
) -> list[PoolVerdicts]:
    """Return the verdicts of HumanEval+, which a program that fails on HumanEval cannot pass."""
    right = [
        replace(item, programs=tuple(compress(item.programs, verdicts)))
        for item, (verdicts, _, _) in zip(recorded, judged, strict=True)
    ]
    further = await judge_all(right, Scorer(PLUS), sandbox, settings)
    found = []
    for item, less, one in zip(recorded, right, further, strict=True):
        known = dict(zip(less.programs, one.verdicts, strict=True))
        verdicts = tuple(known.get(program, False) for program in item.programs)
        found.append(one._replace(verdicts=verdicts))
    return found


def is_there(dataset: str) -> bool:
    """Whether the file of a dataset is found."""
    try:
        return bool(load(dataset).problems)
    except DatasetError:
        return False


class Shared(NamedTuple):
    """The means over all orders for one budget."""

    drawn: float
    """Samples per problem by need; less than the budget if the recorded ones do not suffice."""
    most: float
    """Samples of the problem that got the most."""
    alike: list[list[float]]
    """Expected verdicts: for each benchmark, those of each problem."""
    need: list[list[float]]


def share(problems: Sequence[Drawable], size: int, orders: int = ORDERS) -> Shared:
    """Return the figures for a budget of `size` samples per problem."""
    n = len(problems[0].passed)
    config = budget_of(RunConfig(), n, samples=size * len(problems))
    drawn, most, alike, need = [], [], [], []
    for number in range(orders):
        shuffled = [Random(f"{number} {p.task}").sample(range(n), n) for p in problems]
        ways = [
            [Spending(k, k, k) for k in range(1, p.length(order) + 1)]
            for p, order in zip(problems, shuffled, strict=True)
        ]
        taken = steps_by_need(config, ways)
        drawn.append(fmean(taken))
        most.append(max(taken))
        pairs = [*zip(problems, shuffled, taken, strict=True)]
        alike.append([p.right(order[:size]) for p, order, _ in pairs])
        need.append([p.right(order[:k]) for p, order, k in pairs])
    return Shared(fmean(drawn), fmean(most), _means(alike), _means(need))


def _means(found: Sequence[Sequence[Sequence[float]]]) -> list[list[float]]:
    """Return the means over the orders, by benchmark and problem."""
    by_problem = zip(*found, strict=True)
    means = [[fmean(one) for one in zip(*orders, strict=True)] for orders in by_problem]
    return [[*column] for column in zip(*means, strict=True)]


def rows(label: str, problems: Sequence[Drawable], sizes: Sequence[int]) -> Iterator[str]:
    """Yield a row for each budget."""
    for size in sizes:
        found = share(problems, size)
        cells = [
            cell
            for alike, need in zip(found.alike, found.need, strict=True)
            for cell in (_percent(alike), _percent(need), difference(alike, need))
        ]
        cells += [""] * (6 - len(cells))
        yield (f"| {label} | {size} | {found.drawn:.2f} | {found.most:.0f} | {' | '.join(cells)} |")


def _percent(verdicts: Sequence[float]) -> str:
    return f"{100 * fmean(verdicts):.1f}"


def difference(alike: Sequence[float], need: Sequence[float]) -> str:
    """Return the paired difference in points, with its interval and p-value in words."""
    low, high = (100 * bound for bound in paired_bootstrap(alike, need))
    points, p = 100 * (fmean(need) - fmean(alike)), sign_flip(alike, need)
    words = "" if p < 0.05 else ", not significant"
    return f"{points:+.1f} ({low:+.1f} to {high:+.1f}){words}"


HEAD = (
    "| Samples of | Budget per problem | Drawn by need | Most for one | HumanEval: alike | need "
    "| need less alike (95 %) | HumanEval+: alike | need | need less alike (95 %) |",
    "|---|---|---|---|---|---|---|---|---|---|",
)


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the table; with --readme, also write it to its page."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--only", default="", help="only sets whose folder name contains this text")
    parser.add_argument("--readme", action="store_true", help="write the table to its page")
    chosen = parser.parse_args(argv)
    lines = [*HEAD]
    for folder, label, sizes in COMPARED:
        if chosen.only in folder:
            problems = asyncio.run(measure(chosen.data, folder, chosen.sandbox))
            lines += rows(label, problems, sizes)
            print(f"{label}: done", file=sys.stderr)
    print("\n".join(lines))
    if chosen.readme:
        write_block("\n".join([*lines, "", f"*(`python -m {NAME} DATA`)*"]), MARKERS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
