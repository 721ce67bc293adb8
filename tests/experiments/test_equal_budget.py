"""Draws at equal cost, against an enumeration that knows nothing of how they are counted."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config import RunConfig
from agent.types import Trace, Usage
from experiments.equal_budget import MOST, Problem, choices, mean_point, over_choices
from experiments.memo import Memo
from experiments.study import Point
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Outcome, Status
from tests.experiments.small_traces import One, call, trace_of

unhurried = settings(deadline=None, max_examples=60)
drafts = st.lists(
    st.tuples(st.sampled_from(["++", "+-", "--"]), st.booleans()), min_size=1, max_size=6
)


def problem(folder: Path, trace: Trace, drafts: Trace, selector: str = "docstring") -> Problem:
    config = RunConfig.model_validate({"selector": selector, "rounds": 2})
    return Problem(trace, drafts, config, FakeSandbox(verdicts), Memo(folder / "memo.json"))


def verdicts(job: Job) -> Execution:
    """A program says in its comment which tests it passes."""
    marks = job.program.partition("# ")[2]
    passed, failed = Outcome(Status.PASSED), Outcome(Status.WRONG_ANSWER)
    return Execution(tuple(passed if mark == "+" else failed for mark in marks))


def drawn_of(pairs: Sequence[tuple[str, bool]], tokens: int = 10) -> Trace:
    return trace_of(
        *(
            One(right, source=f"def grow(x):\n    return {i}  # {marks}", tokens=tokens)
            for i, (marks, right) in enumerate(pairs)
        ),
        request=7,
    )


def brute_force(pairs: Sequence[tuple[str, bool]], k: int) -> float:
    """Draw k one after another in every order, keep the best by marks, pick one at random."""
    values = []
    for order in permutations(range(len(pairs)), k):
        best = max(pairs[i][0].count("+") for i in order)
        values.append(fmean(pairs[i][1] for i in order if pairs[i][0].count("+") == best))
    return fmean(values)


@unhurried
@given(pairs=drafts)
def test_what_draws_give_is_what_enumeration_gives(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, bool]]
) -> None:
    loop = trace_of(One(False, visible="--"))
    found = problem(tmp_path_factory.mktemp("m"), loop, drawn_of(pairs))
    for k in range(1, len(pairs) + 1):
        point = asyncio.run(found.drawn(k))
        assert point.passed == pytest.approx(brute_force(pairs, k), abs=1e-9)
        assert (point.samples, point.generated, point.total) == (k, 10 * k, 10 * k + 7)


async def test_half_a_draw_lies_half_way(tmp_path: Path) -> None:
    pairs = [("++", True), ("--", False), ("--", False)]
    found = problem(tmp_path, trace_of(One(False, visible="--")), drawn_of(pairs))
    one, two, between = [(await found.drawn(k)).passed for k in (1, 2, 1.5)]
    assert (one, two, between) == pytest.approx((1 / 3, 2 / 3, 1 / 2))
    assert (await found.drawn(0.1)).passed == one
    assert (await found.drawn(99)).passed == 1


@pytest.mark.parametrize(("n", "k"), [(5, 2), (8, 4), (12, 5), (30, 15)])
def test_choices_are_all_or_some_different_ones(n: int, k: int) -> None:
    found = choices(n, k)
    assert len(found) == len(set(found)) == min(MOST, math.comb(n, k))
    assert all(list(choice) == sorted(set(choice)) and len(choice) == k for choice in found)
    assert found == choices(n, k)


async def test_some_choices_stand_for_all() -> None:
    async def share(choice: tuple[int, ...]) -> float:
        return float(0 in choice)

    assert await over_choices(20, 10, share) == pytest.approx(0.5, abs=0.2)
    with pytest.raises(ValueError, match="no draw"):
        await over_choices(0, 1, share)


async def test_the_loop_buys_as_many_draws_as_its_tokens_do(tmp_path: Path) -> None:
    tests = call(0, 5, 8).model_copy(update={"purpose": "tests"})
    loop = trace_of(
        One(False, visible="--", tokens=10),
        One(False, visible="--", parent=0, round=1, tokens=10),
        calls=[call(0, 7, 10), tests, call(1, 20, 13)],
    )
    found = problem(tmp_path, loop, drawn_of([("++", True), ("--", False)] * 3))
    # Of 63 tokens 13 are for tests, which draws need too, and 7 for the prompt.
    assert found.affordable() == pytest.approx(4.3)
    point = await found.drawn(2)
    assert (point.generated, point.total) == (20 + 8, 20 + 8 + 7 + 5)
    assert found.usage(rounds=0) == Usage(prompt_tokens=12, completion_tokens=18)


async def test_a_loop_is_told_round_by_round(tmp_path: Path) -> None:
    loop = trace_of(
        One(False, visible="--", tokens=10),
        One(True, visible="+-", tokens=10),
        One(False, visible="++", parent=0, round=1),
        answer=2,
        calls=[call(0, 7, 10, 10), call(1, 20, 13)],
        request=7,
    )
    found = problem(tmp_path, loop, drawn_of([("++", True)]))
    assert await found.single_shot() == Point(samples=1, generated=10, total=17, passed=0)
    assert await found.after(0) == Point(samples=2, generated=20, total=27, passed=1)
    assert await found.after(1) == Point(samples=3, generated=33, total=60, passed=0)
    assert await found.after(2) == await found.after(1)


async def test_ties_count_by_their_share(tmp_path: Path) -> None:
    loop = trace_of(One(True, visible="+"), One(False, visible="+"))
    tied = loop.choice.model_copy(update={"tied": (0, 1)})
    found = problem(tmp_path, loop.model_copy(update={"choice": tied}), drawn_of([("+", True)]))
    assert found.final() == 0.5


async def test_what_was_found_is_not_looked_for_again(tmp_path: Path) -> None:
    pairs = [("++", True), ("--", False), ("+-", False)]
    loop = trace_of(One(False, visible="--"))
    first = problem(tmp_path, loop, drawn_of(pairs))
    value = await first.drawn(2)
    first.memo.save()
    again = problem(tmp_path, loop, drawn_of(pairs))
    assert await again.drawn(2) == value
    assert isinstance(again.sandbox, FakeSandbox)
    assert again.sandbox.jobs == []
    # Another verdict is another question.
    other = problem(tmp_path, loop, drawn_of([("++", False), ("--", True), ("+-", False)]))
    assert (await other.drawn(2)).passed != value.passed


def test_a_torn_memo_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "memo.json").write_text('{"a": 1')

    async def one() -> float:
        return 1.0

    assert asyncio.run(Memo(tmp_path / "memo.json").value(["x"], one)) == 1.0


def test_a_mean_point_is_the_mean_of_each_coordinate() -> None:
    points = [
        Point(samples=1, generated=2, total=3, passed=0),
        Point(samples=3, generated=4, total=5, passed=1),
    ]
    assert mean_point(points) == Point(samples=2, generated=3, total=4, passed=0.5)
