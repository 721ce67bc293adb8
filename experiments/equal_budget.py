"""A loop beside independent draws at the same cost, with the same selector.

Source: the baseline of Olausson et al., Is Self-Repair a Silver Bullet for Code Generation? (ICLR
2024). Of a problem's stored drafts, what `k` draws give is the mean over all choices of `k` of
them, or over some drawn with a seed where there are too many; what the selector returns of a choice
counts by the share of right ones among those that it leaves tied.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from statistics import fmean

from agent.config import RunConfig
from agent.execution import Bench
from agent.lab import RecordingLab
from agent.models.recorded import RecordedModel
from agent.steps import select
from agent.types import Candidate, Matrix, Row, Sampling, Trace, Usage
from experiments.draws import Draws, draws_of, verdicts_of
from experiments.memo import Memo
from experiments.study import Point
from sandbox.base import Sandbox
from sandbox.types import Outcome

MOST = 64
"""Choices of draws that are looked at for one number of draws."""


async def over_choices(
    n: int, k: float, value: Callable[[tuple[int, ...]], Awaitable[float]], most: int = MOST
) -> float:
    """Mean of `value` over the choices of `k` out of `n` draws; linear between whole numbers.

    Exact where there are at most `most` choices, else over as many different ones, always the same.
    `k` is at least 1, and at most `n` is taken.

    Raises ValueError where there is no draw.
    """
    if n < 1:
        raise ValueError("no draw to choose from")
    k = min(max(k, 1.0), float(n))
    below = math.floor(k)
    low = fmean([await value(choice) for choice in choices(n, below, most)])
    if below == k:
        return low
    high = fmean([await value(choice) for choice in choices(n, below + 1, most)])
    return low + (k - below) * (high - low)


def choices(n: int, k: int, most: int = MOST) -> list[tuple[int, ...]]:
    """All choices of `k` out of `n`, or `most` different ones, each in increasing order."""
    if math.comb(n, k) <= most:
        return list(combinations(range(n), k))
    random, found = Random(f"{n} {k}"), dict[tuple[int, ...], None]()
    while len(found) < most:
        found[tuple(sorted(random.sample(range(n), k)))] = None
    return list(found)


@dataclass
class Problem:
    """One problem of an arm, with the drafts that draws are taken from; both are scored."""

    trace: Trace
    drafts: Trace
    config: RunConfig
    sandbox: Sandbox
    memo: Memo
    _outcomes: dict[str, tuple[Outcome, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take what the traces know already."""
        limits = self.config.sandbox.visible_limits()
        self.bench = Bench(self.trace.problem, self.sandbox, limits)
        model = RecordedModel("no model", "a study of finished runs")
        self._lab = RecordingLab(self.bench, model, Sampling(), list(self.trace.probes))
        self.draws: Draws = draws_of(self.drafts)
        for row in self.trace.rows:
            self._outcomes[self.trace.candidates[row.candidate].source] = row.outcomes

    def usage(self, purposes: Sequence[str] = (), rounds: float = math.inf) -> Usage:
        """Tokens of the loop's requests up to a round: all, or those of some purposes."""
        calls = (c for c in self.trace.calls if c.round <= rounds)
        return sum((c.usage for c in calls if not purposes or c.purpose in purposes), Usage())

    @property
    def tests(self) -> Usage:
        """Tokens for tests and inputs, which draws need as well."""
        return self.usage(("tests", "inputs"))

    def affordable(self) -> float:
        """Draws that the loop's tokens buy, at least 1."""
        return max(1.0, self.draws.affordable(self.usage().total - self.tests.total))

    def final(self) -> float:
        """Expected verdict of the loop's answer."""
        choice, passed = self.trace.choice, verdicts_of(self.trace)
        return fmean(passed[i] for i in choice.tied or (choice.candidate,))

    async def single_shot(self) -> Point:
        """The first draft alone."""
        usage = self.trace.candidates[0].usage
        passed = float(verdicts_of(self.trace)[0])
        generated = usage.completion_tokens
        return Point(samples=1, generated=generated, total=usage.total, passed=passed)

    async def after(self, number: int) -> Point:
        """The loop, had it ended after round `number`."""
        pool = [c for c in self.trace.candidates if c.round <= number]
        passed = self.final()
        if number < self.trace.rounds:
            verdicts = verdicts_of(self.trace)[: len(pool)]
            made_from = ["pool", *self._made_from(pool, verdicts)]
            passed = await self.memo.value(made_from, lambda: self._answer(pool, verdicts))
        return _point(len(pool), self.usage(rounds=number), passed)

    async def drawn(self, k: float) -> Point:
        """What `k` draws give, and cost."""
        candidates, verdicts = self.drafts.candidates, verdicts_of(self.drafts)

        async def one(choice: tuple[int, ...]) -> float:
            return await self._answer(
                [candidates[i] for i in choice], tuple(verdicts[i] for i in choice)
            )

        passed = float(verdicts[0])
        if len(set(verdicts)) > 1:
            made_from = ["draws", k, MOST, *self._made_from(candidates, verdicts)]
            passed = await self.memo.value(made_from, lambda: over_choices(len(verdicts), k, one))
        drawn = min(max(k, 1.0), len(verdicts))
        tests = self.tests
        generated = drawn * self.draws.mean_completion + tests.completion_tokens
        total = generated + self.draws.prompt_tokens + tests.prompt_tokens
        return Point(samples=drawn, generated=generated, total=total, passed=passed)

    async def _answer(self, pool: Sequence[Candidate], verdicts: Sequence[bool]) -> float:
        """Expected verdict of what the selector makes of a pool."""
        if len(set(verdicts)) == 1:
            return float(verdicts[0])
        sources = [candidate.source for candidate in pool]
        await self._run(sources)
        numbered = tuple(c.model_copy(update={"id": i}) for i, c in enumerate(pool))
        rows = (Row(candidate=i, outcomes=self._outcomes[s]) for i, s in enumerate(sources))
        matrix = Matrix(numbered, self.trace.tests, tuple(rows))
        choice = await select(matrix, self.trace.inputs, self._lab, self.config)
        return fmean(verdicts[i] for i in choice.tied or (choice.candidate,))

    async def _run(self, sources: Sequence[str]) -> None:
        fresh = [source for source in sources if source not in self._outcomes]
        tests = [test.source for test in self.trace.tests]
        if tests and fresh:
            self._outcomes |= await self.bench.run(fresh, tests, tuple)
        self._outcomes |= {source: () for source in fresh if not tests}

    def _made_from(self, pool: Sequence[Candidate], verdicts: Sequence[bool]) -> list[object]:
        """All that a selector's answer depends on."""
        config = self.config
        return [
            [config.selector, config.seed, config.inputs.share],
            [(test.source, test.origin, test.count) for test in self.trace.tests],
            [*self.trace.inputs],
            [(c.source, c.mean_logprob, passed) for c, passed in zip(pool, verdicts, strict=True)],
        ]


def _point(samples: int, usage: Usage, passed: float) -> Point:
    return Point(
        samples=samples, generated=usage.completion_tokens, total=usage.total, passed=passed
    )


def mean_point(points: Sequence[Point]) -> Point:
    """The mean over problems."""
    return Point(
        samples=fmean(point.samples for point in points),
        generated=fmean(point.generated for point in points),
        total=fmean(point.total for point in points),
        passed=fmean(point.passed for point in points),
    )
