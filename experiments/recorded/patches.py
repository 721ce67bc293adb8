"""Patches on recorded drafts: chosen answers before and after, on HumanEval and HumanEval+.

DATA is the folder of recorded sets; $CODELOOP_DATA must name a folder with the files of HumanEval+
and MBPP. The drafts of each problem are searched for patches in the sandbox, the default selector
chooses among the drafts, and among drafts and patches, and only then the hidden tests judge all.
Rates are expected ones: an answer counts by the share of right candidates among those that are tied
for it. Differences are paired by problem. --readme writes the tables to docs/patches.md.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from agent.answers.programs import as_drafts
from agent.config import RunConfig
from agent.datasets import load
from agent.datasets.samples import by_task, read_samples
from agent.errors import DatasetError
from agent.evaluation.scoring import Scorer
from agent.evaluation.stats import sign_flip
from agent.loop.steps import execute, read_inputs, select, select_without_patches
from agent.models.recorded import RecordedModel
from agent.repair.patches.patch_search import Search, binding, search
from agent.runner.patching import drafts_matrix
from agent.selection.probing import RecordingProber
from agent.support.command import command
from agent.support.concurrency import all_or_first_error
from agent.support.options import CommandParser
from agent.types import Candidate, Choice, Matrix, Problem, Sampling
from agent.visible_tests.executor import Executor
from experiments.studies.disk_cache import DiskCache
from experiments.studies.markers import write_block
from sandbox import open_sandbox
from sandbox.base import Sandbox

NAME = "experiments.recorded.patches"
SETS_MARKERS = "<!-- patches: begin -->", "<!-- patches: end -->"
NUMBERS_MARKERS = "<!-- patches by examples: begin -->", "<!-- patches by examples: end -->"
ARMS_MARKERS = "<!-- patch arms: begin -->", "<!-- patch arms: end -->"
AT_ONCE = 4
"""Number of problems that are worked on at once."""


class DraftSet(NamedTuple):
    """A file of recorded drafts."""

    label: str
    file: str
    n: int | None = None
    """Number of drafts to use of each problem; None for all."""
    dataset: str = "humaneval_plus"

    def programs(self, data: Path) -> Iterator[tuple[Problem, list[str]]]:
        """Yield each problem with its drafts. `data` is the folder of recorded sets."""
        problems = {problem.task_id: problem for problem in load(self.dataset).problems}
        samples = by_task(read_samples(data / f"{self.file}.jsonl.gz", problems))
        for task, some in samples.items():
            yield problems[task], [one.program(problems[task]) for one in some[: self.n]]


SETS = (
    DraftSet("Qwen3-0.6B, n = 10", "qwen3-0.6b-humaneval-evanzhangxin/samples"),
    DraftSet("Qwen2.5-Coder-0.5B-Instruct, greedy", "qwen25coder-0.5b-humaneval-evalplus/samples"),
    DraftSet("StarCoder, LDB's seeds", "ldb-starcoder-humaneval/samples", 1),
    DraftSet("GPT-3.5, LDB's seeds", "ldb-gpt35-humaneval/samples", 1),
    DraftSet("CodeGen-16B, first 10", "codet-codegen16b-humaneval/samples", 10),
    DraftSet("GPT-3.5 (jamesmurdza), n = 10", "jamesmurdza-gpt35-0613-humaneval/samples"),
    DraftSet("Mistral-7B, n = 10", "mistral7b-humaneval-bdytx5/samples"),
    DraftSet("Qwen2.5-Coder-1.5B, n = 8", "qwen25coder-1.5b-humaneval-vsattamini-temp/samples"),
    DraftSet("Qwen3-0.6B on MBPP, n = 10", "qwen3-0.6b-mbpp-gaozhan13/samples", None, "mbpp"),
)


class SearchWay(NamedTuple):
    """A way to search."""

    label: str = "two edits"
    edits: int = 2
    contradicted: bool = True
    """Whether the rule of contradicted examples applies."""


ARMS = (
    SearchWay(),
    SearchWay("one edit", 1),
    SearchWay("two edits, contradicted examples too", contradicted=False),
)


@dataclass(frozen=True)
class PatchOutcome:
    """A problem's answers before and after the search, with the verdicts on all its programs."""

    matrix: Matrix
    examples: int
    found: Search
    before: Choice
    after: Choice
    passed: dict[str, tuple[bool, ...]]
    """Verdicts by view of the hidden tests: `all`, and `base` or `unseen`."""

    def rate(self, choice: Choice, view: str) -> float:
        """Return the share of right candidates among those that are tied for the answer."""
        return choice.expected(self.passed[view])

    def covered(self, view: str, *, patches: bool) -> bool:
        """Whether any program is right, of the drafts alone or of all."""
        pairs = zip(self.matrix.candidates, self.passed[view], strict=True)
        return any(right for c, right in pairs if patches or c.patch is None)


@dataclass
class Laboratory:
    """A sandbox, a scorer for each dataset, and known verdicts."""

    sandbox: Sandbox
    memo: DiskCache
    config: RunConfig
    scorers: dict[str, Scorer]

    async def outcomes(self, drafts: DraftSet, data: Path, arm: SearchWay) -> list[PatchOutcome]:
        """Return the outcome of each problem of a set."""
        programs = [*drafts.programs(data)]
        found: dict[str, PatchOutcome] = {}
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(problem: Problem, texts: list[str]) -> None:
            async with slots:
                found[problem.task_id] = await self._outcome(problem, texts, drafts.dataset, arm)

        await all_or_first_error(one(*pair) for pair in programs)
        return [found[problem.task_id] for problem, _ in programs]

    async def _outcome(
        self, problem: Problem, programs: Sequence[str], dataset: str, arm: SearchWay
    ) -> PatchOutcome:
        config, settings = self.config, self.config.sandbox
        executor = Executor(problem, self.sandbox, settings.visible_limits(), settings.isolation)
        matrix = await drafts_matrix(executor, as_drafts(programs))
        inputs = read_inputs(problem, (), config)
        tests = binding(matrix) if arm.contradicted else tuple(range(len(matrix.tests)))
        found = await search(executor, matrix, 0, inputs.general, tests=tests, edits=arm.edits)
        matrix = replace(matrix, candidates=matrix.candidates + found.patches)
        rows, _ = await execute(executor, matrix)
        matrix = replace(matrix, rows=matrix.rows + rows)
        model = RecordedModel("no model", "recorded drafts")
        prober = RecordingProber(executor, model, Sampling())
        after = await select(matrix, inputs, prober, config)
        before = await select_without_patches(matrix, inputs, prober, config) or after
        passed = await self._verdicts(problem, matrix.candidates, dataset)
        return PatchOutcome(matrix, len(tests), found, before, after, passed)

    async def _verdicts(
        self, problem: Problem, candidates: Sequence[Candidate], dataset: str
    ) -> dict[str, tuple[bool, ...]]:
        scorer, task = self.scorers[dataset], problem.task_id
        passed: list[list[bool]] = []
        for candidate in candidates:

            async def find(one: Candidate = candidate) -> list[bool]:
                score = await scorer.score(task, [one], self.sandbox, self.config.sandbox)
                return [*score.passed, *next(iter(score.views.values()), score.passed)]

            passed.append(await self.memo.value([dataset, task, candidate.source], find))
        whole, part = zip(*passed, strict=True)
        return {"all": whole, "part": part}


def set_rows(found: Sequence[tuple[DraftSet, list[PatchOutcome]]]) -> Iterator[str]:
    """Yield the table of all sets, and a row for the sets of HumanEval together."""
    yield (
        "| Drafts | HumanEval: chosen | covered | gained, lost | p | HumanEval+: chosen | covered "
        "| gained, lost | p | searched | CPU a searched problem: mean, worst |"
    )
    yield "|---" * 11 + "|"
    for drafts, outcomes in found:
        yield _set_row(drafts.label, outcomes)
    plus = [outcome for drafts, some in found if drafts.dataset != "mbpp" for outcome in some]
    if len(found) > 1:
        yield _set_row("all of HumanEval together", plus)


def _set_row(label: str, outcomes: Sequence[PatchOutcome]) -> str:
    seconds = [o.found.seconds for o in outcomes if o.found.screens] or [0.0]
    cells = [cell for view in ("part", "all") for cell in _cells(outcomes, view)]
    cells += [str(len(seconds)), f"{fmean(seconds):.2f} s, {max(seconds):.1f} s"]
    return f"| {label} | {' | '.join(cells)} |"


def _cells(outcomes: Sequence[PatchOutcome], view: str) -> Iterator[str]:
    before = [o.rate(o.before, view) for o in outcomes]
    after = [o.rate(o.after, view) for o in outcomes]
    covered = [
        fmean(outcome.covered(view, patches=patches) for outcome in outcomes)
        for patches in (False, True)
    ]
    gained = sum(max(0.0, b - a) for a, b in zip(before, after, strict=True))
    lost = sum(max(0.0, a - b) for a, b in zip(before, after, strict=True))
    yield f"{100 * fmean(before):.1f} → {100 * fmean(after):.1f}"
    yield f"{100 * covered[0]:.1f} → {100 * covered[1]:.1f}"
    yield f"{gained:.1f}, {lost:.1f}"
    yield f"{sign_flip(before, after):.2g}"


def number_rows(found: Sequence[tuple[DraftSet, list[PatchOutcome]]]) -> Iterator[str]:
    """Yield the answers that are patches, right and wrong, by number of docstring examples."""
    yield "| Examples | patches chosen | right on HumanEval | right on HumanEval+ |"
    yield "|---|---|---|---|"
    chosen: Counter[str] = Counter()
    right: dict[str, Counter[str]] = {"part": Counter(), "all": Counter()}
    for drafts, outcomes in found:
        for outcome in outcomes if drafts.dataset != "mbpp" else ():
            if outcome.matrix.candidates[outcome.after.candidate].patch is None:
                continue
            number = str(outcome.examples) if outcome.examples < 5 else "5 or more"
            chosen[number] += 1
            for view, counts in right.items():
                counts[number] += outcome.passed[view][outcome.after.candidate]
    for number in sorted(chosen):
        shares = [
            f"{counts[number]} ({100 * counts[number] / chosen[number]:.0f} %)"
            for counts in right.values()
        ]
        yield f"| {number} | {chosen[number]} | {' | '.join(shares)} |"


async def measure(
    data: Path, only: str, memo: DiskCache, config: RunConfig, arms: Sequence[SearchWay]
) -> dict[SearchWay, list[tuple[DraftSet, list[PatchOutcome]]]]:
    """Return the outcomes of each set whose name contains a text of `only`, by arm."""
    chosen = [one for one in SETS if any(part in one.file for part in only.split(","))]
    if not chosen:
        raise DatasetError(f"--only: no set's name contains {only!r}")
    scorers = {name: Scorer(name) for name in dict.fromkeys(drafts.dataset for drafts in chosen)}
    found: dict[SearchWay, list[tuple[DraftSet, list[PatchOutcome]]]] = {arm: [] for arm in arms}
    async with open_sandbox(config.sandbox.opening()) as sandbox:
        laboratory = Laboratory(sandbox, memo, config, scorers)
        for drafts in chosen:
            for arm in arms:
                outcomes = await laboratory.outcomes(drafts, data, arm)
                found[arm].append((drafts, outcomes))
                memo.save()
                print(f"{arm.label}: {_set_row(drafts.label, outcomes)}", file=sys.stderr)
    return found


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the tables; with --readme, also write them to their page."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--only", default="", help="only sets whose name contains one of A,B")
    parser.add_argument("--arms", action="store_true", help="also the other ways of searching")
    parser.add_argument("--memo", type=Path, default=Path("runs/patches.json"), help="verdicts")
    parser.add_argument("--readme", action="store_true", help="write the tables to their page")
    arguments = parser.parse_args(argv)
    settings: dict[str, Any] = {"sandbox": {"backend": arguments.sandbox}}
    config, arms = RunConfig.model_validate(settings), ARMS if arguments.arms else ARMS[:1]
    arguments.memo.parent.mkdir(parents=True, exist_ok=True)
    memo = DiskCache(arguments.memo)
    found = asyncio.run(measure(arguments.data, arguments.only, memo, config, arms))
    blocks = {
        SETS_MARKERS: [*set_rows(found[ARMS[0]])],
        NUMBERS_MARKERS: [*number_rows(found[ARMS[0]])],
    }
    if arguments.arms:
        head, rule, *_ = set_rows(found[ARMS[0]])
        pooled = [
            _set_row(
                arm.label, [o for drafts, some in sets if drafts.dataset != "mbpp" for o in some]
            )
            for arm, sets in found.items()
        ]
        blocks[ARMS_MARKERS] = [head.replace("Drafts", "Search"), rule, *pooled]
    for markers, lines in blocks.items():
        some = f" --only {arguments.only}" if arguments.only else ""
        lines += ["", f"*(`python -m {NAME} DATA{some}{' --arms' if arguments.arms else ''}`)*"]
        print("\n".join(lines), end="\n\n")
        if arguments.readme:
            write_block("\n".join(lines), markers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
