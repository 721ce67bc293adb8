"""Comparison of an arm with drawing again: for the same tokens, and for as many programs."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from agent.config import RunConfig
from agent.selection import asks_model
from agent.support.concurrency import all_or_first_error
from agent.types import Trace
from experiments.studies.by_need import budget_of, steps_by_need
from experiments.studies.disk_cache import DiskCache
from experiments.studies.equal_budget import ArmProblem, mean_point
from experiments.studies.results import DrawCurve, SpendingPoint
from sandbox.base import Sandbox

_SIZES = (1, 2, 3, 5, 8, 13, 20, 32, 50, 80, 128)
"""Numbers of draws at which a curve has points: dense at first."""


@dataclass(frozen=True)
class Pairs:
    """Expected verdicts by problem: `first` of the draws, `second` of the loop."""

    first: tuple[float, ...]
    second: tuple[float, ...]


@dataclass(frozen=True)
class Compared:
    """The result of comparing an arm with draws."""

    points: tuple[SpendingPoint, ...]
    """The single shot, and the loop after each round."""
    curves: tuple[DrawCurve, ...] = ()
    """Draws in the same number for every problem, and draws that stop like the loop."""
    at_tokens: Pairs | None = None
    at_samples: Pairs | None = None
    drawn: SpendingPoint | None = None
    beyond: float = 0.0


async def compare_with_draws(
    config: RunConfig,
    traces: Sequence[Trace],
    drafts: Sequence[Trace],
    sandbox: Sandbox,
    memo: DiskCache,
    code: str,
) -> Compared:
    """Compare an arm's traces with draws from the drafts of the same problems.

    The draws stop like the loop, and at a limit that is the same for every problem. The limit is
    chosen so that the draws cost as much as the loop on average: a budget is fixed in advance, not
    by the amount that a loop happened to spend on a problem. If the arm's budget is given out by
    need, the draws get what the arm has spent in the same way. A selector that asks the model ranks
    only the arm's own pools: with such a selector the arm is not compared with draws. Nor is it if
    all drafts are greedy: drawing again would give the same.
    """
    problems = [
        ArmProblem(trace, stored, config, sandbox, memo, code)
        for trace, stored in zip(traces, drafts, strict=True)
    ]
    single = mean_point([problem.single_shot() for problem in problems])
    if asks_model(config.selector):
        last = mean_point([await problem.after(problem.trace.rounds) for problem in problems])
        return Compared((single, last))
    rounds = [
        mean_point(await _each([p.after(i) for p in problems])) for i in range(config.rounds + 1)
    ]
    final = tuple(problem.final() for problem in problems)
    if config.draft.temperature == 0:
        return Compared((single, *rounds))
    known = any(any(problem.tokens) for problem in problems)
    at_cost = _by_need if config.budget.share == "need" else _at_cost
    tokens = await at_cost(problems, rounds[-1], "tokens")
    samples = await at_cost(problems, rounds[-1], "samples")
    return Compared(
        points=(single, *rounds),
        curves=await _curves(problems, config),
        at_tokens=Pairs(tuple(p.passed for p in tokens.points), final) if known else None,
        at_samples=Pairs(tuple(p.passed for p in samples.points), final),
        drawn=mean_point(tokens.points) if known else None,
        beyond=tokens.beyond if known else 0.0,
    )


@dataclass(frozen=True)
class _Draws:
    points: tuple[SpendingPoint, ...]
    """One point per problem."""
    beyond: float
    """The part of the cost that remains after all stored draws."""


def _cost(point: SpendingPoint, unit: str) -> float:
    return point.samples if unit == "samples" else point.total


async def _by_need(problems: Sequence[ArmProblem], spent: SpendingPoint, unit: str) -> _Draws:
    """Return draws that are handed out by need, until they cost as much as the loop has `spent`.

    The rule works on one order of every problem at a time.
    """
    ways = [await problem.ways() for problem in problems]
    limit, most = _cost(spent, unit), min(len(problem.tokens) for problem in problems)
    config = budget_of(problems[0].config, most, **{unit: max(1, round(limit * len(problems)))})
    lengths = zip(*(steps_by_need(config, one) for one in zip(*ways, strict=True)), strict=True)
    points = await _each([p.by_need(k) for p, k in zip(problems, lengths, strict=True)])
    return _Draws(tuple(points), max(0.0, limit - _cost(mean_point(points), unit)))


async def _at_cost(problems: Sequence[ArmProblem], spent: SpendingPoint, unit: str) -> _Draws:
    """Return draws that stop like the loop, limited so that they cost as much as it has `spent`.

    If the limit lies between two whole numbers of draws, the points are interpolated linearly.
    """

    async def mean(most: int) -> float:
        return _cost(mean_point(await _each([p.cost(most) for p in problems])), unit)

    target = _cost(spent, unit)
    low, high = problems[0].first, min(len(problem.tokens) for problem in problems)
    low = min(low, high)
    if await mean(high) <= target:
        points = await _each([p.going_on(high) for p in problems])
        return _Draws(tuple(points), max(0.0, target - await mean(high)))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if await mean(middle) <= target else (low, middle)
    below, above = await mean(low), await mean(high)
    # They are equal if every problem ends with its first drafts.
    weight = min(1.0, max(0.0, (target - below) / (above - below))) if above > below else 0.0
    fewer = await _each([p.going_on(low) for p in problems])
    more = await _each([p.going_on(high) for p in problems])
    return _Draws(tuple(map(_between, fewer, more, [weight] * len(fewer))), 0.0)


def _between(fewer: SpendingPoint, more: SpendingPoint, weight: float) -> SpendingPoint:
    pairs = {n: (getattr(fewer, n), getattr(more, n)) for n in SpendingPoint.model_fields}
    return SpendingPoint(**{name: a + weight * (b - a) for name, (a, b) in pairs.items()})


async def _curves(problems: Sequence[ArmProblem], config: RunConfig) -> tuple[DrawCurve, ...]:
    most, label = min(len(problem.tokens) for problem in problems), _label(config)
    sizes = [*(k for k in _SIZES if k < most), most]
    begun = problems[0].first
    alike = [mean_point(await _each([p.drawn(k) for p in problems])) for k in sizes]
    going_on = [
        mean_point(await _each([p.going_on(k) for p in problems]))
        for k in sorted({begun, *sizes})
        if begun <= k <= most
    ]
    return (
        DrawCurve(label=label, points=tuple(alike)),
        DrawCurve(label=f"stopping, {begun} first, {label}", points=tuple(going_on)),
    )


def _label(config: RunConfig) -> str:
    """Return the selector, with the settings of its inputs that are not the default."""
    default = RunConfig.model_fields
    seen = [
        f"{name}.{key}={value}"
        for name in ("tests", "inputs")
        for key, value in getattr(config, name).model_dump().items()
        if value != getattr(default[name].default, key)
    ]
    stop = [] if config.stop == default["stop"].default else [f"stop={config.stop}"]
    return ", ".join((config.selector, *stop, *seen))


async def _each(jobs: Sequence[Coroutine[Any, Any, SpendingPoint]]) -> list[SpendingPoint]:
    """Return the points of all problems, computed concurrently, in the order of the jobs."""
    found: dict[int, SpendingPoint] = {}

    async def one(number: int, job: Coroutine[Any, Any, SpendingPoint]) -> None:
        found[number] = await job

    await all_or_first_error(one(*pair) for pair in enumerate(jobs))
    return [found[number] for number in range(len(jobs))]
