"""Selection on recorded samples: the pools, the choices, and the scores of the choices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from statistics import fmean
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from agent.datasets import load
from agent.datasets.records import source_of
from agent.datasets.samples import Sample, read_samples
from agent.errors import DatasetError, SelectorError
from agent.evaluation.hidden import HiddenTest, load_hidden
from agent.evaluation.recorded_pools import RecordedProblem, build_pool, gather, read_tests
from agent.evaluation.scoring import judge
from agent.evaluation.stats import ranked_pass_at_k
from agent.selection import Pool, Ranking, Selector, load_selector
from agent.support.concurrency import all_or_first_error, once_each
from agent.types import Record
from sandbox import open_sandbox
from sandbox.base import Sandbox
from sandbox.types import Limits

if TYPE_CHECKING:
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


class FirstAnswerRate(Record):
    """The rate of right first answers."""

    expected: float
    """Mean over the candidates that are tied for the first place."""
    returned: float
    """Rate of the candidate that is returned."""


class SelectionScores(Record):
    """The scores of a selector on a set of samples. All rates are means over problems."""

    selector: str
    problems: int
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


def read_recorded(config: SelectConfig) -> tuple[RecordedProblem, ...]:
    """Return the samples and tests that the settings name, per problem.

    Raises DatasetError for a broken file, or a file of another dataset.
    """
    problems = {problem.task_id: problem for problem in load(config.dataset).problems}
    shown = problems
    if config.examples is not None:
        shown = {problem.task_id: problem for problem in load(config.examples).problems}
    written = read_tests(config.tests, problems, config.per_text) if config.tests else {}
    samples: dict[str, list[Sample]] = {}
    for sample in read_samples(config.samples, problems):
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


async def run_selection(config: SelectConfig, progress: Callable[[int, int], None]) -> Selection:
    """Choose a sample per problem, then score the choices if the settings ask for it.

    Raises DatasetError, UnknownPluginError, SelectorError or SandboxUnavailable.
    """
    if config.selector == ORACLE and not config.score:
        raise SelectorError("selector: oracle needs the hidden verdicts: give --score")
    selector = load_selector(
        "random" if config.selector == ORACLE else config.selector, model=False
    )
    start = time.monotonic()
    recorded = read_recorded(config)
    private = [source_of(config.dataset).path]
    async with open_sandbox(config.sandbox.opening(), private) as sandbox:
        pools = await build_pools(config, recorded, sandbox, progress)
        choices = await rank_pools(selector, recorded, pools)
        chosen = time.monotonic()
        if config.score:
            hidden, limits = load_hidden(config.dataset), config.sandbox.hidden_limits()
            verdicts = await judge_all(recorded, hidden, sandbox, limits)
            pairs = zip(choices, verdicts, strict=True)
            choices = tuple(replace(chosen, verdicts=passed) for chosen, passed in pairs)
    if config.selector == ORACLE:
        choices = tuple(map(with_hindsight, choices))
    return Selection(config.selector, choices, chosen - start, time.monotonic() - chosen)


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
                problem, sandbox, limits, share=config.share, seed=config.seed, depth=_DEEPEST
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


async def judge_all(
    recorded: Iterable[RecordedProblem],
    hidden: dict[str, HiddenTest],
    sandbox: Sandbox,
    limits: Limits,
) -> list[tuple[bool, ...]]:
    """Return the hidden verdicts on all samples; each distinct program is judged once."""

    async def one(pair: tuple[str, str]) -> bool:
        task, program = pair
        return (await judge(program, hidden[task], sandbox, limits)).passed

    pairs = [[(item.problem.task_id, p) for p in item.programs] for item in recorded]
    passed = await once_each(chain.from_iterable(pairs), one)
    return [tuple(passed[pair] for pair in row) for row in pairs]


def with_hindsight(chosen: RankedProblem) -> RankedProblem:
    """Return the problem with its candidates ranked by their hidden verdicts, right ones first."""
    right = tuple(i for i, passed in enumerate(chosen.verdicts) if passed)
    wrong = tuple(i for i, passed in enumerate(chosen.verdicts) if not passed)
    groups = tuple(group for group in (right, wrong) if group)
    ranking = Ranking(groups, f"{len(right)} of {len(chosen.verdicts)} pass the hidden tests")
    return replace(chosen, ranking=ranking)


def summarise(found: Selection) -> SelectionScores:
    """Return the figures of scored choices."""
    ranked = [(chosen.ranking.groups, chosen.verdicts) for chosen in found.choices]
    least = min(len(verdicts) for _, verdicts in ranked)

    def pass_at(k: int) -> float | None:
        return fmean(ranked_pass_at_k(*pair, k) for pair in ranked) if k <= least else None

    expected = fmean(ranked_pass_at_k(*pair, 1) for pair in ranked)
    random = fmean(fmean(verdicts) for _, verdicts in ranked)
    oracle = fmean(any(verdicts) for _, verdicts in ranked)
    pools = [chosen.pool for chosen in found.choices]
    programs = [len(set(chosen.recorded.programs)) for chosen in found.choices]
    tests = [len(pool.tests) for pool in pools]
    return SelectionScores(
        selector=found.selector,
        problems=len(ranked),
        samples=sum(len(verdicts) for _, verdicts in ranked),
        pass_1=FirstAnswerRate(
            expected=expected,
            returned=fmean(verdicts[groups[0][0]] for groups, verdicts in ranked),
        ),
        pass_2=pass_at(2),
        pass_10=pass_at(10),
        random=random,
        oracle=oracle,
        closed=(expected - random) / (oracle - random) if oracle > random else 0.0,
        told=sum(len(groups) > 1 for groups, _ in ranked),
        programs=sum(programs),
        examples=sum(pool.bits("docstring").bit_count() for pool in pools),
        generated=sum(pool.bits("generated").bit_count() for pool in pools),
        runs=sum(a * b for a, b in zip(programs, tests, strict=True)),
        seconds=round(found.seconds, 3),
        scoring_seconds=round(found.scoring_seconds, 3),
    )
