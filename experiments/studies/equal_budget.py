"""Comparison of a loop with drawing again at the same cost, with the same selector.

Source: the baseline of Olausson et al., Is Self-Repair a Silver Bullet for Code Generation? (ICLR
2024). Draws are taken from a problem's stored drafts, in many orders. The selector's answer
counts by the share of right candidates among those that it leaves tied. There are two ways to draw:
the same number for every problem (`drawn`), and, like the loop, only until a draw passes the tests
that end a problem (`going_on`). A loop has to beat the second: knowing when to stop is not repair.
If the loop's budget is given out by need, so are these draws (`by_need`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, permutations
from random import Random
from statistics import fmean

from agent.config import RunConfig
from agent.loop.budget import Spending
from agent.loop.steps import passing, read_inputs, select
from agent.models.recorded import RecordedModel
from agent.selection.probing import RecordingProber
from agent.types import Candidate, Matrix, Row, Sampling, Trace, Usage
from agent.visible_tests.executor import Executor
from agent.visible_tests.inputs.asked_inputs import SelectionInputs
from experiments.studies.disk_cache import DiskCache
from experiments.studies.draws import draws_of, verdicts_of
from experiments.studies.results import SpendingPoint
from sandbox.base import Sandbox
from sandbox.types import Outcome

ORDERS = 64
"""Number of orders of the draws that are evaluated, or a few more; all, if there are fewer."""


def orders(n: int, seed: str, greedy: int = 0) -> list[tuple[int, ...]]:
    """Return orders of `n` draws: all, or rotations of some, each draw early equally often.

    The first `greedy` draws are first in every order.
    """
    first, rest = tuple(range(greedy)), range(greedy, n)
    if math.factorial(len(rest)) <= ORDERS:
        return [(*first, *order) for order in permutations(rest)]
    random, found = Random(f"{seed} {n}"), []
    for _ in range(math.ceil(ORDERS / len(rest))):
        order = random.sample(rest, len(rest))
        found += [(*first, *order[i:], *order[:i]) for i in range(len(rest))]
    return found


@dataclass
class ArmProblem:
    """One problem of an arm: its trace, and the drafts that draws are taken from; both scored."""

    trace: Trace
    drafts: Trace
    config: RunConfig
    sandbox: Sandbox
    memo: DiskCache
    code: str = ""
    """Further input that a selector's answer depends on, such as a hash of its source."""
    _outcomes: dict[str, tuple[Outcome, ...]] = field(default_factory=dict)
    _costs: dict[int, SpendingPoint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take over the outcomes, draws and probes that the traces contain."""
        settings = self.config.sandbox
        limits, isolation = settings.visible_limits(), settings.isolation
        self._executor = Executor(self.trace.problem, self.sandbox, limits, isolation)
        model = RecordedModel("no model", "a study of finished runs")
        self._prober = RecordingProber(self._executor, model, Sampling(), list(self.trace.probes))
        for row in self.trace.rows:
            self._outcomes[self.trace.candidates[row.candidate].source] = row.outcomes
        self.draws = draws_of(self.drafts)
        self.verdicts, self.tokens = self.draws.verdicts, self.draws.completion_tokens
        self.orders = orders(len(self.tokens), self.trace.problem.task_id, self.draws.greedy)

    def usage(self, purposes: Sequence[str] = (), rounds: float = math.inf) -> Usage:
        """Return the tokens of the loop's requests up to a round, of all or of some purposes."""
        calls = (c for c in self.trace.calls if c.round <= rounds)
        return sum((c.usage for c in calls if not purposes or c.purpose in purposes), Usage())

    @property
    def first(self) -> int:
        """The number of drafts that the loop begins with."""
        return 1 if self.config.drafts_singly else self.config.draft.n

    # The loop

    def final(self) -> float:
        """Return the expected verdict of the loop's answer."""
        return self.trace.choice.expected(verdicts_of(self.trace))

    def single_shot(self) -> SpendingPoint:
        """Return the point of the first draft alone, which needs no tests."""
        passed, usage = float(verdicts_of(self.trace)[0]), self.trace.candidates[0].usage
        return SpendingPoint(
            samples=1,
            generated=usage.completion_tokens,
            total=usage.total,
            passed=passed,
            coverage=passed,
        )

    async def after(self, number: int) -> SpendingPoint:
        """Return the point of the loop as if it had ended after round `number`."""
        pool = [c for c in self.trace.candidates if c.round <= number]
        verdicts, passed = verdicts_of(self.trace)[: len(pool)], self.final()
        if number < self.trace.rounds:
            made_from = ["pool", *self._made_from(pool, verdicts)]
            passed = await self.memo.value(made_from, lambda: self._answer(pool, verdicts))
        usage = self.usage(rounds=number)
        return SpendingPoint(
            samples=sum(candidate.patch is None for candidate in pool),
            generated=usage.completion_tokens,
            total=usage.total,
            passed=passed,
            coverage=float(any(verdicts)),
        )

    # Draws

    async def drawn(self, k: int) -> SpendingPoint:
        """Return the point of `k` draws of one request; a single draw needs no tests to choose."""
        tests = self.usage(("tests", "inputs")) if k > 1 else Usage()
        generated = self.draws.completion(k) + tests.completion_tokens
        return SpendingPoint(
            samples=k,
            generated=generated,
            total=generated + self.draws.prompts(k) + tests.prompt_tokens,
            passed=await self._over_orders("draws", [k] * len(self.orders)),
            coverage=fmean(any(self.verdicts[i] for i in order[:k]) for order in self.orders),
        )

    async def going_on(self, most: int) -> SpendingPoint:
        """Return the point of draws that stop like the loop, with at most `most` draws."""
        return await self._answered(await self.lengths(most), await self.cost(most))

    async def ways(self) -> list[list[Spending]]:
        """Return the spending after each draw until one passes, for each order."""
        tests, prompt = self.usage(("tests", "inputs")).total, self.draws.prompt_tokens
        found = []
        for order, length in zip(self.orders, await self.lengths(len(self.tokens)), strict=True):
            tokens = accumulate((self.tokens[i] + prompt for i in order[:length]), initial=tests)
            found.append([Spending(k, total, k) for k, total in enumerate(tokens) if k])
        return found

    async def by_need(self, lengths: Sequence[int]) -> SpendingPoint:
        """Return the point of as many draws as a hand-out gave for each order."""
        return await self._answered(lengths, self._cost(lengths, 1))

    async def _answered(self, lengths: Sequence[int], cost: SpendingPoint) -> SpendingPoint:
        pairs = zip(self.orders, lengths, strict=True)
        return cost.model_copy(
            update={
                "passed": await self._over_orders("going on", lengths),
                "coverage": fmean(any(self.verdicts[i] for i in o[:k]) for o, k in pairs),
            }
        )

    async def cost(self, most: int) -> SpendingPoint:
        """Return the cost of `going_on`. Each draw after the first request pays the prompt."""
        if most not in self._costs:  # needed for tokens, for samples, and for the curves
            self._costs[most] = self._cost(await self.lengths(most), min(self.first, most))
        return self._costs[most]

    def _cost(self, lengths: Sequence[int], begun: int) -> SpendingPoint:
        tests = self.usage(("tests", "inputs"))
        later = fmean(length - begun for length in lengths)
        prompts = self.draws.prompts(begun) + later * self.draws.prompt_tokens
        pairs = zip(self.orders, lengths, strict=True)
        generated = fmean(sum(self.tokens[i] for i in order[:k]) for order, k in pairs)
        generated += tests.completion_tokens
        return SpendingPoint(
            samples=fmean(lengths),
            generated=generated,
            total=generated + prompts + tests.prompt_tokens,
            passed=0,
            coverage=0,
        )

    async def lengths(self, most: int) -> list[int]:
        """Return the draws until one passes, for each order: at least `first`, at most `most`.

        Without a visible test no draw can pass, and the loop stops after its first drafts.
        """
        begun = min(self.first, most)
        if not self.trace.tests:
            return [begun] * len(self.orders)
        stops = await self._stops()
        ends = (next((at for at, i in enumerate(o, 1) if stops[i]), most) for o in self.orders)
        return [min(max(end, begun), most) for end in ends]

    async def _stops(self) -> list[bool]:
        """Return, for each draw, whether it passes the tests that end a problem."""

        async def find() -> list[bool]:
            await self._run([c.source for c in self.drafts.candidates])
            return [passing(self._matrix([c]), self.config) for c in self.drafts.candidates]

        if self._known_stops is None:
            made_from = ["stops", self.config.stop, *self._drafts_made_from]
            self._known_stops = await self.memo.value(made_from, find)
        return self._known_stops

    _known_stops: list[bool] | None = None

    async def _over_orders(self, how: str, lengths: Sequence[int]) -> float:
        """Return the mean over the orders: the selector's expected verdict on their first draws."""
        if len(set(self.verdicts)) == 1:
            return float(self.verdicts[0])
        pools = [frozenset(o[:k]) for o, k in zip(self.orders, lengths, strict=True)]

        async def find() -> float:
            found = {pool: await self._of_draws(sorted(pool)) for pool in dict.fromkeys(pools)}
            return fmean(found[pool] for pool in pools)

        made_from = [how, ORDERS, self.draws.greedy, [*lengths], *self._drafts_made_from]
        return await self.memo.value(made_from, find)

    async def _of_draws(self, pool: Sequence[int]) -> float:
        drafts = self.drafts.candidates
        return await self._answer([drafts[i] for i in pool], [self.verdicts[i] for i in pool])

    # Selection

    async def _answer(self, pool: Sequence[Candidate], verdicts: Sequence[bool]) -> float:
        """Return the expected verdict of the selector's answer from a pool."""
        if len(set(verdicts)) == 1:
            return float(verdicts[0])
        await self._run([candidate.source for candidate in pool])
        choice = await select(self._matrix(pool), self._inputs, self._prober, self.config)
        return choice.expected(verdicts)

    @cached_property
    def _inputs(self) -> SelectionInputs:
        return read_inputs(self.trace.problem, self.trace.calls, self.config)

    def _matrix(self, pool: Sequence[Candidate]) -> Matrix:
        numbered = tuple(c.model_copy(update={"id": i}) for i, c in enumerate(pool))
        rows = (Row(candidate=c.id, outcomes=self._outcomes[c.source]) for c in numbered)
        return Matrix(numbered, self.trace.tests, tuple(rows))

    async def _run(self, sources: Sequence[str]) -> None:
        fresh = [source for source in sources if source not in self._outcomes]
        tests = [test.source for test in self.trace.tests]
        if tests and fresh:
            self._outcomes |= await self._executor.run(fresh, tests, tuple)
        self._outcomes |= {source: () for source in fresh if not tests}

    @cached_property
    def _drafts_made_from(self) -> list[object]:
        return self._made_from(self.drafts.candidates, self.verdicts)

    def _made_from(self, pool: Sequence[Candidate], verdicts: Sequence[bool]) -> list[object]:
        """All that a selector's answer depends on."""
        config, problem = self.config, self.trace.problem
        return [
            [self.code, self.sandbox.info.python, repr(self._executor.limits)],
            self._executor.job_isolation,
            [problem.task_id, problem.prompt, problem.entry_point],
            [config.selector, config.seed, config.inputs.share],
            [(test.source, test.origin, test.count) for test in self.trace.tests],
            [*self._inputs.general],
            [*self._inputs.edges],
            [(c.source, c.mean_logprob, passed) for c, passed in zip(pool, verdicts, strict=True)],
            [(c.id, c.parent, c.is_weak_patch) for c in pool if c.patch is not None],
        ]


def mean_point(points: Sequence[SpendingPoint]) -> SpendingPoint:
    """Return the mean point over problems."""
    fields = {
        name: fmean(getattr(point, name) for point in points) for name in SpendingPoint.model_fields
    }
    return SpendingPoint(**fields)
