"""Selection on recorded samples: the pools, the choices, and the scores of the choices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from agent.answers.programs import as_drafts
from agent.datasets import load
from agent.datasets.records import source_of
from agent.datasets.samples import Sample, by_task, read_samples, samples_of_part
from agent.errors import DatasetError, SelectorError
from agent.evaluation.recorded_pools import RecordedProblem, build_pool, gather, read_tests
from agent.evaluation.scoring import Scorer
from agent.selection import Pool, Ranking, Selector, load_selector, settled
from agent.support.concurrency import all_or_first_error
from agent.types import SelfCheck, VisibleTest
from sandbox import open_sandbox
from sandbox.base import Sandbox

if TYPE_CHECKING:
    from agent.config import SandboxSection
    from agent.evaluation.settings import SelectConfig

ORACLE = "oracle"
_DEEPEST = 10
"""The largest k of a ranking's pass@k."""
_AT_ONCE = 4
"""Number of problems processed concurrently."""


@dataclass(frozen=True)
class RankedProblem:
    """One problem: the ranking of its candidates, and their hidden-test verdicts if scored."""

    recorded: RecordedProblem
    pool: Pool
    ranking: Ranking
    verdicts: tuple[bool, ...] = ()
    views: dict[str, tuple[bool, ...]] = field(default_factory=dict)
    check: SelfCheck = field(default_factory=SelfCheck)

    @property
    def is_judged(self) -> bool:
        """Whether all verdicts are known, so that the problem is in the figures."""
        return self.check.judges(*self.verdicts)

    @property
    def sample(self) -> Sample:
        """The chosen sample: the first candidate of the best group."""
        return self.recorded.samples[self.ranking.groups[0][0]]

    def record(self) -> dict[str, object]:
        """Return the choice as the command prints it."""
        return {
            "task_id": self.sample.task_id,
            "sample": self.sample.index,
            "tied": len(self.ranking.groups[0]),
            "reasons": self.ranking.reason.splitlines(),
        }

    def line(self) -> dict[str, object]:
        """Return the choice as a line of a samples file."""
        key = "solution" if self.sample.whole else "completion"
        return {"task_id": self.sample.task_id, "sample": self.sample.index, key: self.sample.text}


@dataclass(frozen=True)
class Selection:
    """All choices of one command, and the seconds that they took."""

    selector: str
    choices: tuple[RankedProblem, ...]
    seconds: float
    scoring_seconds: float = 0.0
    dataset_problems: int = 0


def read_recorded(
    config: SelectConfig, say: Callable[[str], None] = lambda _: None
) -> tuple[RecordedProblem, ...]:
    """Return the samples and tests that the settings name, per problem.

    `say` gets a line if the file of tests is probably not read as its author meant.

    Raises DatasetError for a broken file, or a file of another dataset.
    """
    problems = {problem.task_id: problem for problem in load(config.dataset).problems}
    shown = problems
    if config.examples is not None:
        shown = {problem.task_id: problem for problem in load(config.examples).problems}
    written: dict[str, tuple[VisibleTest, ...]] = {}
    if config.tests:
        written = read_tests(config.tests, problems, config.per_text, say)
    read = read_samples(config.samples, problems)
    samples = by_task(samples_of_part(read, problems, config.sample, config.seed))
    if missing := [task for task in samples if task not in shown]:
        raise DatasetError(f"examples: {config.examples} has no {', '.join(missing)}")
    if other := [t for t in samples if shown[t].entry_point != problems[t].entry_point]:
        raise DatasetError(
            f"examples: {config.examples} has another function for {', '.join(other)}"
        )
    return tuple(
        gather(
            problems[task],
            samples[task][: config.n],
            written.get(task, ()),
            shown[task],
            header=config.header,
            mutations=config.mutations,
            edges=config.edges,
            seed=config.seed,
        )
        for task in problems
        if task in samples
    )


async def run_selection(
    config: SelectConfig,
    progress: Callable[[int, int], None],
    say: Callable[[str], None] = lambda _: None,
) -> Selection:
    """Choose a sample per problem, then score the choices if the settings ask for it.

    Raises DatasetError, UnknownPluginError, SelectorError or SandboxUnavailable.
    """
    if config.selector == ORACLE and not config.score:
        raise SelectorError("selector: oracle needs the hidden verdicts: give --score")
    selector = load_selector(
        "random" if config.selector == ORACLE else config.selector, model=False
    )
    start = time.monotonic()
    recorded = read_recorded(config, say)
    scorer = Scorer(config.dataset) if config.score else None
    private = [source_of(config.dataset).path]
    async with open_sandbox(config.sandbox.opening(), private) as sandbox:
        pools = await build_pools(config, recorded, sandbox, progress)
        choices = await rank_pools(selector, recorded, pools)
        chosen = time.monotonic()
        if scorer is not None:
            counted = config.count_unjudged
            judged = await judge_all(recorded, scorer, sandbox, config.sandbox, counted=counted)
            pairs = zip(choices, judged, strict=True)
            choices = tuple(replace(one, **verdicts._asdict()) for one, verdicts in pairs)
    if config.selector == ORACLE:
        choices = tuple(map(with_hindsight, choices))
    return Selection(
        selector=config.selector,
        choices=choices,
        seconds=chosen - start,
        scoring_seconds=time.monotonic() - chosen,
        dataset_problems=len(load(config.dataset).problems),
    )


async def build_pools(
    config: SelectConfig,
    recorded: Sequence[RecordedProblem],
    sandbox: Sandbox,
    progress: Callable[[int, int], None],
) -> tuple[Pool, ...]:
    """Build the pool of each problem, which runs its matrix in the sandbox."""
    pools: dict[int, Pool] = {}
    at_once, limits = asyncio.Semaphore(_AT_ONCE), config.sandbox.visible_limits()

    async def one(index: int, problem: RecordedProblem) -> None:
        async with at_once:
            pools[index] = await build_pool(
                problem,
                sandbox,
                limits,
                isolation=config.sandbox.isolation,
                share=config.share,
                seed=config.seed,
                depth=_DEEPEST,
            )
        progress(len(pools), len(recorded))

    await all_or_first_error(one(i, problem) for i, problem in enumerate(recorded))
    return tuple(pools[i] for i in range(len(recorded)))


async def rank_pools(
    selector: Selector, recorded: Sequence[RecordedProblem], pools: Sequence[Pool]
) -> tuple[RankedProblem, ...]:
    """Rank the candidates of each problem."""
    rankings: dict[int, Ranking] = {}
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(index: int, pool: Pool) -> None:
        async with at_once:
            ranking = await selector.rank(pool, tuple(range(len(pool.candidates))))
            rankings[index] = settled(ranking, pool)

    await all_or_first_error(one(i, pool) for i, pool in enumerate(pools))
    pairs = enumerate(zip(recorded, pools, strict=True))
    return tuple(RankedProblem(problem, pool, rankings[i]) for i, (problem, pool) in pairs)


class PoolVerdicts(NamedTuple):
    """The hidden verdicts on the samples of a problem, and its self-check."""

    verdicts: tuple[bool, ...]
    views: dict[str, tuple[bool, ...]]
    check: SelfCheck


async def judge_all(
    recorded: Sequence[RecordedProblem],
    scorer: Scorer,
    sandbox: Sandbox,
    settings: SandboxSection,
    *,
    counted: bool = False,
) -> list[PoolVerdicts]:
    """Return the hidden verdicts on all samples; each distinct program is judged once.

    `counted` says that failing samples count as failed even if the reference solution fails.
    """

    found: dict[int, PoolVerdicts] = {}

    async def one(index: int, item: RecordedProblem) -> None:
        pool, task = as_drafts(item.programs), item.problem.task_id
        score = await scorer.score(task, pool, sandbox, settings, count_unjudged=counted)
        found[index] = PoolVerdicts(score.passed, score.views, score.check)

    await all_or_first_error(one(i, item) for i, item in enumerate(recorded))
    return [found[i] for i in range(len(recorded))]


def with_hindsight(chosen: RankedProblem) -> RankedProblem:
    """Return the problem with its candidates ranked by their hidden verdicts, right ones first."""
    right = tuple(i for i, passed in enumerate(chosen.verdicts) if passed)
    wrong = tuple(i for i, passed in enumerate(chosen.verdicts) if not passed)
    groups = tuple(group for group in (right, wrong) if group)
    ranking = Ranking(groups, f"{len(right)} of {len(chosen.verdicts)} pass the hidden tests")
    return replace(chosen, ranking=ranking)
