"""Selection on recorded samples: the pools, the choices, and the scores of the choices."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field

from agent.datasets import load
from agent.datasets.records import source_of
from agent.datasets.samples import Sample, read_samples, samples_of_part
from agent.errors import DatasetError, SelectorError
from agent.evaluation.recorded_pools import RecordedProblem, build_pool, gather, read_tests
from agent.evaluation.scoring import Scorer
from agent.evaluation.stats import ranked_pass_at_k
from agent.selection import Pool, Ranking, Selector, load_selector
from agent.support.concurrency import all_or_first_error
from agent.types import Candidate, Record, SelfCheck, Unjudged, VisibleTest
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


class FirstAnswerRate(Record):
    """The rate of right first answers."""

    expected: float
    """Mean over the candidates that are tied for the first place."""
    returned: float
    """Rate of the candidate that is returned."""


class ViewRates(Record):
    """The main rates by a part of the hidden tests."""

    expected: float
    random: float
    oracle: float


class SelectionScores(Record):
    """The scores of a selector on a set of samples. All rates are means over judged problems."""

    selector: str
    problems: int
    """Number of judged problems."""
    samples: int
    pass_1: Annotated[FirstAnswerRate, Field(serialization_alias="pass@1")]
    pass_2: Annotated[float | None, Field(serialization_alias="pass@2")] = None
    pass_10: Annotated[float | None, Field(serialization_alias="pass@10")] = None
    random: float
    """Expected pass@1 of a random choice."""
    oracle: float
    """Coverage: share of the problems with at least one right sample."""
    closed: float
    """Share of the gap between random and oracle that the expected pass@1 closes."""
    views: dict[str, ViewRates] = Field(default_factory=dict)
    """Rates by parts of the hidden tests: `base` without the tests that EvalPlus added, `unseen`
    without those that the prompt shows."""
    told: int
    """Problems for which the selector preferred some candidates to others. Without a generated
    test, for example, a consensus selector does not."""
    programs: int
    """Distinct programs that were run."""
    examples: int
    """Docstring examples that the programs were run on."""
    generated: int
    """Distinct generated tests that the programs were run on."""
    runs: int
    """Runs of one of these programs on one of these tests."""
    seconds: float
    scoring_seconds: float
    dataset_problems: int = 0
    """Number of problems of the dataset, with samples or without."""
    isolation: dict[str, int] = Field(default_factory=dict)
    """Number of problems by the isolation in which their samples were judged."""
    unchecked: int = 0
    """Number of problems without a reference solution."""
    unjudged: tuple[Unjudged, ...] = ()
    """Problems with failing samples whose reference solution fails, too ..."""
    unjudged_count_as_failed: bool = False
    """... and whether they are in the figures nevertheless."""


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
    samples: dict[str, list[Sample]] = {}
    read = read_samples(config.samples, problems)
    for sample in samples_of_part(read, problems, config.sample, config.seed):
        samples.setdefault(sample.task_id, []).append(sample)
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
            rankings[index] = await selector.rank(pool, tuple(range(len(pool.candidates))))

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
        pool = [Candidate(id=i, source=source) for i, source in enumerate(item.programs)]
        task = item.problem.task_id
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


def summarise(found: Selection) -> SelectionScores:
    """Return the figures of scored choices. Without a judged problem, all rates are 0."""
    judged = [chosen for chosen in found.choices if chosen.is_judged]
    ranked = [(chosen.ranking.groups, chosen.verdicts) for chosen in judged]
    least = min((len(verdicts) for _, verdicts in ranked), default=0)

    def mean(values: Iterable[float]) -> float:
        return fmean(values) if ranked else 0.0

    def pass_at(k: int) -> float | None:
        return mean(ranked_pass_at_k(*pair, k) for pair in ranked) if k <= least else None

    def rates(pairs: Iterable[tuple[tuple[tuple[int, ...], ...], Sequence[bool]]]) -> ViewRates:
        known = list(pairs)
        return ViewRates(
            expected=mean(ranked_pass_at_k(*pair, 1) for pair in known),
            random=mean(fmean(verdicts) for _, verdicts in known),
            oracle=mean(any(verdicts) for _, verdicts in known),
        )

    main, views = rates(ranked), dict.fromkeys(name for one in judged for name in one.views)
    pools = [chosen.pool for chosen in judged]
    programs = [len(set(chosen.recorded.programs)) for chosen in judged]
    tests = [len(pool.tests) for pool in pools]
    return SelectionScores(
        selector=found.selector,
        problems=len(ranked),
        samples=sum(len(verdicts) for _, verdicts in ranked),
        pass_1=FirstAnswerRate(
            expected=main.expected,
            returned=mean(verdicts[groups[0][0]] for groups, verdicts in ranked),
        ),
        pass_2=pass_at(2),
        pass_10=pass_at(10),
        random=main.random,
        oracle=main.oracle,
        closed=(
            (main.expected - main.random) / (main.oracle - main.random)
            if main.oracle > main.random
            else 0.0
        ),
        views={
            name: rates((one.ranking.groups, one.views.get(name, one.verdicts)) for one in judged)
            for name in views
        },
        told=sum(len(groups) > 1 for groups, _ in ranked),
        programs=sum(programs),
        examples=sum(pool.bits("docstring").bit_count() for pool in pools),
        generated=sum(pool.bits("generated").bit_count() for pool in pools),
        runs=sum(a * b for a, b in zip(programs, tests, strict=True)),
        seconds=round(found.seconds, 3),
        scoring_seconds=round(found.scoring_seconds, 3),
        dataset_problems=found.dataset_problems,
        **_self_checks(found.choices),
    )


def _self_checks(choices: Sequence[RankedProblem]) -> dict[str, Any]:
    """Return the figures on the self-checks."""
    failing = [one for one in choices if one.check.failure and not all(one.verdicts)]
    return {
        "isolation": dict(sorted(Counter(one.check.isolation for one in choices).items())),
        "unchecked": sum(not one.check.has_reference for one in choices),
        "unjudged": tuple(
            Unjudged(task_id=one.sample.task_id, reason=one.check.failure) for one in failing
        ),
        "unjudged_count_as_failed": any(one.check.counted for one in choices),
    }
