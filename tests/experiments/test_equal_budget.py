"""Draws compared with a loop, checked against an independent enumeration."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config import RunConfig
from agent.types import Call, Completion, Sampling, Trace, Usage
from experiments.studies.disk_cache import DiskCache
from experiments.studies.equal_budget import ORDERS, ArmProblem, mean_point, orders
from experiments.studies.results import SpendingPoint
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Outcome, Status
from tests.experiments.small_traces import One, call, trace_of

PROMPT = 7
unhurried = settings(deadline=None, max_examples=60)
pools = st.lists(
    st.tuples(st.sampled_from(["++", "+-", "--"]), st.booleans(), st.integers(1, 20)),
    min_size=1,
    max_size=4,
)
Pool = Sequence[tuple[str, bool, int]]


def verdicts(job: Job) -> Execution:
    """Return the verdicts that a program lists in its comment: + for each test that it passes."""
    marks = job.program.partition("# ")[2]
    passed, failed = Outcome(Status.PASSED), Outcome(Status.WRONG_ANSWER)
    return Execution(tuple(passed if mark == "+" else failed for mark in marks))


GREEDY = call(0, PROMPT, 1).model_copy(update={"sampling": Sampling(temperature=0)})


def drafts(pool: Pool, greedy: int = 0) -> Trace:
    """Return drafts, each given by its visible marks, its hidden verdict and its tokens."""
    return trace_of(
        *(
            One(right, source=f"def grow(x):\n    return {i}  # {marks}", tokens=tokens)
            for i, (marks, right, tokens) in enumerate(pool)
        ),
        request=PROMPT,
        calls=[GREEDY] * greedy,
    )


def every_order(pool: Pool, greedy: int) -> list[Pool]:
    """Return all orders of draws in which the greedy ones are first."""
    return [(*pool[:greedy], *rest) for rest in permutations(pool[greedy:])]


LOOP = trace_of(One(False, visible="--"))
ASKED_INPUTS = Call(
    purpose="inputs",
    round=0,
    messages=(),
    sampling=Sampling(),
    completions=(Completion(text="grow(1)"),),
)


def problem(
    folder: Path, pool: Pool, trace: Trace = LOOP, greedy: int = 0, **changes: Any
) -> ArmProblem:
    changes = {"selector": "docstring", "rounds": 2, "draft": {"n": 1}, **changes}
    config = RunConfig.model_validate(changes)
    return ArmProblem(
        trace, drafts(pool, greedy), config, FakeSandbox(verdicts), DiskCache(folder / "memo.json")
    )


def answer(drawn: Pool) -> float:
    """Return the expected verdict of the best draw by marks, with ties broken at random."""
    best = max(marks.count("+") for marks, _, _ in drawn)
    return fmean(right for marks, right, _ in drawn if marks.count("+") == best)


@unhurried
@given(pool=pools, greedy=st.integers(0, 1))
def test_draws_for_all_alike_are_what_every_order_gives(
    tmp_path_factory: pytest.TempPathFactory, pool: Pool, greedy: int
) -> None:
    found = problem(tmp_path_factory.mktemp("m"), pool, greedy=greedy)
    for k in range(1, len(pool) + 1):
        point = asyncio.run(found.drawn(k))
        every = [order[:k] for order in every_order(pool, greedy)]
        assert point.passed == pytest.approx(fmean(map(answer, every)), abs=1e-9)
        some = fmean(any(right for _, right, _ in drawn) for drawn in every)
        assert point.coverage == pytest.approx(some, abs=1e-9)
        tokens = fmean(sum(tokens for _, _, tokens in drawn) for drawn in every)
        assert point.generated == pytest.approx(tokens)
        assert point.total == pytest.approx(tokens + PROMPT * (2 if greedy and k > 1 else 1))


@unhurried
@given(pool=pools, first=st.integers(1, 4), most=st.integers(1, 4), greedy=st.integers(0, 1))
def test_draws_that_stop_are_what_every_order_gives(
    tmp_path_factory: pytest.TempPathFactory, pool: Pool, first: int, most: int, greedy: int
) -> None:
    most, first = min(most, len(pool)), min(first, most, len(pool))
    found = problem(tmp_path_factory.mktemp("m"), pool, greedy=greedy, draft={"n": first})
    point = asyncio.run(found.going_on(most))
    every = []
    for order in every_order(pool, greedy):
        drawn = list(order[:first])
        requests = 2 if greedy and first > 1 else 1
        while len(drawn) < most and not any(marks == "++" for marks, _, _ in drawn):
            drawn.append(order[len(drawn)])
            requests += 1
        every.append((drawn, requests))
    assert point.samples == pytest.approx(fmean(len(drawn) for drawn, _ in every))
    assert point.passed == pytest.approx(fmean(answer(drawn) for drawn, _ in every), abs=1e-9)
    assert point.coverage == pytest.approx(
        fmean(any(right for _, right, _ in drawn) for drawn, _ in every), abs=1e-9
    )
    generated = fmean(sum(tokens for _, _, tokens in drawn) for drawn, _ in every)
    assert point.generated == pytest.approx(generated)
    total = generated + PROMPT * fmean(requests for _, requests in every)
    assert point.total == pytest.approx(total)


@pytest.mark.parametrize("n", [1, 2, 4, 5, 7, 40, 100])
def test_orders_are_all_or_have_every_draw_equally_early(n: int) -> None:
    found = orders(n, "task")
    assert all(sorted(order) == list(range(n)) for order in found)
    for place in range(n):
        here = [order[place] for order in found]
        assert {here.count(i) for i in range(n)} == {len(found) // n}
    assert found == orders(n, "task")
    assert n < 5 or (len(found) >= ORDERS and found != orders(n, "other"))
    greedy = orders(n, "task", 1)
    assert {order[0] for order in greedy} == {0}
    for place in range(1, n):
        here = [order[place] for order in greedy]
        assert {here.count(i) for i in range(1, n)} == {len(greedy) // (n - 1)}


async def test_many_draws_are_near_what_all_orders_would_give(tmp_path: Path) -> None:
    """Of 30 draws 3 pass and are right: the chance that k draws contain one is known."""
    from agent.evaluation.stats import pass_at_k

    pool = [("++", True, 5)] * 3 + [("--", False, 5)] * 27
    found = problem(tmp_path, pool)
    for k in (2, 5, 10, 20):
        assert (await found.drawn(k)).passed == pytest.approx(pass_at_k(30, 3, k), abs=0.08)
    assert (await found.drawn(1)).passed == pytest.approx(0.1)


async def test_without_visible_tests_nothing_says_when_to_stop(tmp_path: Path) -> None:
    pool = [("++", True, 5), ("++", False, 5), ("++", False, 5)]
    found = problem(tmp_path, pool, trace_of(One(False)), draft={"n": 2})
    assert (await found.going_on(3)).samples == 2


async def test_tests_are_paid_for_by_draws_too_unless_there_is_but_one(tmp_path: Path) -> None:
    tests = call(0, 5, 8).model_copy(update={"purpose": "tests"})
    loop = trace_of(
        One(False, visible="--"),
        One(False, visible="--", parent=0, round=1),
        calls=[call(0, 7, 10), tests, call(1, 20, 13)],
    )
    found = problem(tmp_path, [("++", True, 10), ("--", False, 10)], loop)
    one, two = await found.drawn(1), await found.drawn(2)
    assert (one.generated, one.total) == (10, 10 + PROMPT)
    assert (two.generated, two.total) == (20 + 8, 20 + PROMPT + 8 + 5)
    assert (await found.going_on(1)).total == 10 + PROMPT + 8 + 5
    assert found.usage(rounds=0) == Usage(prompt_tokens=12, completion_tokens=18)


async def test_a_loop_that_draws_one_by_one_begins_with_one(tmp_path: Path) -> None:
    found = problem(tmp_path, [("++", True, 1)], draft={"n": 9, "stop_on_pass": True})
    assert found.first == 1


async def test_a_loop_is_told_round_by_round(tmp_path: Path) -> None:
    loop = trace_of(
        One(False, visible="--", tokens=10),
        One(True, visible="+-", tokens=10),
        One(False, visible="++", parent=0, round=1),
        answer=2,
        calls=[call(0, 7, 10, 10), call(1, 20, 13)],
        request=7,
    )
    found = problem(tmp_path, [("++", True, 1)], loop)
    alone = SpendingPoint(samples=1, generated=10, total=17, passed=0, coverage=0)
    assert found.single_shot() == alone
    begun = SpendingPoint(samples=2, generated=20, total=27, passed=1, coverage=1)
    assert await found.after(0) == begun
    done = SpendingPoint(samples=3, generated=33, total=60, passed=0, coverage=1)
    assert await found.after(1) == done
    assert await found.after(2) == done


async def test_ties_count_by_their_share(tmp_path: Path) -> None:
    loop = trace_of(One(True, visible="+"), One(False, visible="+"))
    tied = loop.choice.model_copy(update={"tied": (0, 1)})
    found = problem(tmp_path, [("+", True, 1)], loop.model_copy(update={"choice": tied}))
    assert found.final() == 0.5


POOL = (("++", True, 3), ("--", False, 3), ("+-", False, 3))


async def test_what_was_found_is_not_looked_for_again(tmp_path: Path) -> None:
    first = problem(tmp_path, POOL)
    values = await first.drawn(2), await first.going_on(3)
    first.memo.save()
    again = problem(tmp_path, POOL)
    assert (await again.drawn(2), await again.going_on(3)) == values
    assert isinstance(again.sandbox, FakeSandbox)
    assert again.sandbox.jobs == []


@pytest.mark.parametrize(
    "changes",
    [
        {"selector": "first"},
        {"selector": "docstring", "seed": 1},
        {"inputs": {"share": 0.9}},
        {"sandbox": {"cpu_seconds": 0.5}},
    ],
)
async def test_all_that_a_value_depends_on_makes_it_another(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    keys = set()
    for settings_ in ({}, changes):
        found = problem(tmp_path, POOL, **settings_)
        await found.drawn(2)
        keys |= set(found.memo._values)
    assert len(keys) == 2


@pytest.mark.parametrize(
    "loop",
    [
        trace_of(One(False, visible="-")),
        LOOP.model_copy(update={"calls": (*LOOP.calls, ASKED_INPUTS)}),
        trace_of(One(False, visible="--"), prompt=LOOP.problem.prompt + "# more"),
    ],
)
async def test_another_problem_makes_another_value(tmp_path: Path, loop: Trace) -> None:
    keys = set()
    for trace in (LOOP, loop):
        found = problem(tmp_path, POOL, trace)
        await found.drawn(2)
        keys |= set(found.memo._values)
    assert len(keys) == 2


@pytest.mark.parametrize("text", ['{"a": 1', "[]", "null", "3"])
def test_a_broken_memo_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "memo.json").write_text(text)

    async def one() -> float:
        return 1.0

    assert asyncio.run(DiskCache(tmp_path / "memo.json").value(["x"], one)) == 1.0


def test_a_mean_point_is_the_mean_of_each_coordinate() -> None:
    points = [
        SpendingPoint(samples=1, generated=2, total=3, passed=0, coverage=0),
        SpendingPoint(samples=3, generated=4, total=5, passed=1, coverage=0.5),
    ]
    mean = SpendingPoint(samples=2, generated=3, total=4, passed=0.5, coverage=0.25)
    assert mean_point(points) == mean
