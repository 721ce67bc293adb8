"""A budget that is given out by need: the number of steps, their order, and no endless wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config import RunConfig
from agent.errors import ConfigError
from agent.loop.budget import spending_of, total
from agent.loop.run_budget import SharingMeter, calls_by_step
from agent.runner.solver import Solver
from agent.settings import load_config
from agent.support.concurrency import all_or_first_error
from agent.types import Call, Trace
from tests.experiments.small_traces import One, call, trace_of

DRAFTS = 3
"""Drafts of a problem before it is repaired."""
Plan = Sequence[Sequence[Call]]
"""The calls of each step that a problem takes until it ends by itself."""


def plan(tokens: Sequence[int], written: int = 1) -> Plan:
    """Return drafts and then rounds that cost so much; a round that costs 0 asks nothing.

    A round writes as many programs as `written` says.
    """
    steps: list[list[Call]] = []
    for i, cost in enumerate(tokens):
        number = max(0, i - DRAFTS + 1)
        led_to = range(written * i, written * (i + 1)) if number else [None]
        made = [call(number, cost, 0).model_copy(update={"candidate": one}) for one in led_to]
        steps.append(made if cost or not number else [])
    steps[0].append(call(0, 1, 0).model_copy(update={"purpose": "tests"}))
    return steps


def settings(width: int = 1, **limits: int) -> RunConfig:
    budget = {"per": "run", "share": "need", **limits}
    return RunConfig.model_validate(
        {"draft": {"n": DRAFTS}, "rounds": 99, "repair": {"width": width}, "budget": budget}
    )


Taken = dict[int, tuple[int, str]]
"""The number of steps that each problem took, and why it ended."""


async def hand_out(
    config: RunConfig,
    plans: Sequence[Plan],
    order: Random,
    failing: frozenset[int] = frozenset(),
    finished: Mapping[int, Trace] | None = None,
) -> Taken:
    """Return what each problem took; steps end in a random order, on a random number of slots.

    Problems that are `failing` fail in their second step; those `finished` are replayed.
    """
    names, slots = [f"P/{i}" for i in range(len(plans))], order.randint(1, 4)
    places, busy, taken = asyncio.Semaphore(slots), [0], Taken()
    meter, finished = SharingMeter(config, names, places), finished or {}

    async def work() -> None:
        busy[0] += 1
        assert busy[0] <= slots
        for _ in range(order.randrange(4)):
            await asyncio.sleep(0)
        busy[0] -= 1

    async def solve(index: int) -> None:
        calls: list[Call] = []
        async with places:
            for number, step in enumerate(plans[index], 1):
                await work()
                if index in failing and number == 2:
                    meter.leave(names[index])
                    return
                calls += step
                stopped = "passed" if number == len(plans[index]) else ""
                stopped = await meter.ending(names[index], tuple(calls), stopped)
                taken[index] = number, stopped
                if stopped:
                    return

    solving = [solve(i) for i in range(len(plans)) if i not in finished]
    jobs = [*map(meter.replay, finished.values()), *solving]
    order.shuffle(jobs)
    async with asyncio.timeout(20):
        await all_or_first_error(jobs)
    return taken


def run(
    config: RunConfig, plans: Sequence[Plan], seed: int = 0, failing: frozenset[int] = frozenset()
) -> Taken:
    return asyncio.run(hand_out(config, plans, Random(seed), failing))


seeds = st.integers(0, 10_000)
costs = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=7), min_size=1, max_size=7)
names_of_limits = st.sampled_from(["samples", "tokens", "calls"])
limits = st.dictionaries(names_of_limits, st.integers(1, 60), min_size=1)


@given(lengths=st.lists(st.integers(1, 9), min_size=1), limit=st.integers(1, 60), seed=seeds)
def test_samples_are_used_up_exactly_and_in_turns(
    lengths: list[int], limit: int, seed: int
) -> None:
    taken = run(settings(samples=limit), [plan([1] * length) for length in lengths], seed)
    expected, left = [1] * len(lengths), limit - len(lengths)
    while left > 0 and expected != lengths:
        for i, length in enumerate(lengths):
            if expected[i] < length and left > 0:
                expected[i] += 1
                left -= 1
    assert [taken[i][0] for i in range(len(lengths))] == expected
    assert sum(expected) == max(len(lengths), min(limit, sum(lengths)))
    for i, length in enumerate(lengths):
        ended_itself = expected[i] == length
        assert taken[i][1] == ("passed" if ended_itself else "budget of the run: samples")


@given(costs=costs, limits=limits, failing=st.frozensets(st.integers(0, 6)), seed=seeds)
def test_the_order_of_answers_changes_nothing(
    costs: list[list[int]], limits: dict[str, int], failing: frozenset[int], seed: int
) -> None:
    plans, config = [*map(plan, costs)], settings(**limits)
    assert run(config, plans, seed, failing=failing) == run(config, plans, failing=failing)


@given(costs=costs, limits=limits, finished=st.frozensets(st.integers(0, 6)), seed=seeds)
def test_others_get_the_same_beside_problems_that_are_finished(
    costs: list[list[int]], limits: dict[str, int], finished: frozenset[int], seed: int
) -> None:
    plans, config = [*map(plan, costs)], settings(**limits)
    whole = run(config, plans)
    traces = {i: trace(i, plans[i], *whole[i]) for i in finished if i < len(plans)}
    resumed = asyncio.run(hand_out(config, plans, Random(seed), finished=traces))
    assert resumed == {i: taken for i, taken in whole.items() if i not in traces}


def trace(index: int, steps: Plan, taken: int, stopped: str) -> Trace:
    """Return the trace of a problem that has taken some of its steps, with a selector's call."""
    calls = [one for step in steps[:taken] for one in step]
    asked = call(0, 50, 50).model_copy(update={"purpose": "select"})
    found = trace_of(One(passed=False), task=f"P/{index}", calls=[*calls, asked])
    return found.model_copy(update={"rounds": max(0, taken - DRAFTS), "stopped": stopped})


@given(costs=costs, tokens=st.integers(1, 80))
def test_every_pass_begins_below_the_limit(costs: list[list[int]], tokens: int) -> None:
    plans = [*map(plan, costs)]
    taken = run(settings(tokens=tokens), plans)
    # All steps but the last ones of the problems were taken before the last pass.
    earlier = [step for i, steps in enumerate(plans) for step in steps[: taken[i][0] - 1]]
    assert total(map(spending_of, earlier)).tokens < tokens
    used = total(spending_of(step) for i, p in enumerate(plans) for step in p[: taken[i][0]])
    ends = {reason for _, reason in taken.values()}
    assert ends == {"passed"} or used.tokens >= tokens


def test_no_problem_gets_more_because_its_answers_are_dear() -> None:
    """The last pass goes on until the steps are expected to use up the budget, and no further."""
    taken = run(settings(tokens=34), [plan([9] * 5), plan([1] * 5), plan([1] * 5), plan([9] * 5)])
    # 24 are spent after the first steps; one of the first problem is expected to cost 10.
    assert [taken[i][0] for i in range(4)] == [2, 2, 1, 1]


def test_a_wide_round_is_planned_as_a_whole_and_gives_back_what_it_did_not_write() -> None:
    wide = [plan([1] * 4, written=2), plan([1] * 4, written=2), plan([1] * 4, written=2)]
    taken = run(settings(width=2, samples=13), wide)
    assert [taken[i][0] for i in range(3)] == [4, 4, 3]
    narrow = [plan([1, 1, 1, 0, 1], written=2)] * 3
    taken = run(settings(width=2, samples=13), narrow)
    assert [taken[i][0] for i in range(3)] == [5, 5, 4]


def test_a_problem_that_was_skipped_comes_first_in_the_next_pass() -> None:
    plans = [plan([1, 1, 1, 0, 0, 1]), plan([1, 1, 1, 0, 0, 1])]
    taken = run(settings(samples=7), plans)
    assert taken == {0: (6, "passed"), 1: (5, "budget of the run: samples")}


async def test_an_error_that_ends_the_run_ends_every_wait() -> None:
    places = asyncio.Semaphore(1)
    meter = SharingMeter(settings(samples=9), ["P/0", "P/1", "P/2"], places)

    async def waits(task: str) -> None:
        async with places:
            await meter.ending(task, (), "")

    async def breaks() -> None:
        await asyncio.sleep(0.01)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        async with asyncio.timeout(20):
            await all_or_first_error([waits("P/0"), waits("P/1"), breaks()])
    assert not places.locked()


def test_the_steps_of_a_trace_are_told_from_its_calls() -> None:
    steps = plan([4, 5, 6, 7, 0, 8])
    planned = call(0, 2, 2).model_copy(update={"purpose": "plan"})
    whole = [[planned, *steps[0]], [planned, *steps[1]], *steps[2:]]
    found = calls_by_step(trace(0, whole, 6, "rounds"))
    known = [[one for step in whole[: i + 1] for one in step] for i in range(6)]
    assert [spending_of(calls) for calls in found] == [spending_of(calls) for calls in known]
    assert [spending_of(calls).samples for calls in found] == [1, 2, 3, 4, 4, 5]


@pytest.mark.parametrize(
    "options",
    [
        ["--budget.samples", "9"],
        ["--budget.per", "run"],
        ["--budget.per", "run", "--budget.seconds", "9"],
    ],
)
def test_a_budget_by_need_must_be_one_of_the_run(options: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(["--budget.share", "need", *options])
    assert str(caught.value) == (
        "budget: share need needs per run, and a limit of samples, tokens or calls"
    )


async def test_a_solver_refuses_to_share() -> None:
    with pytest.raises(ConfigError, match="need is for agent"):
        async with Solver(settings(samples=9)):
            pass
