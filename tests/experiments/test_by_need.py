"""Draws that are handed out by need, checked against an independent enumeration."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config import RunConfig
from agent.loop.budget import Spending
from experiments.studies.against_draws import compare_with_draws
from experiments.studies.arms import drawing
from experiments.studies.by_need import budget_of, steps_by_need
from experiments.studies.disk_cache import DiskCache
from experiments.studies.equal_budget import ArmProblem, orders
from sandbox.fake import FakeSandbox
from tests.experiments.small_traces import One, call, trace_of
from tests.experiments.test_equal_budget import Pool, drafts, verdicts

NEED = RunConfig.model_validate(
    {
        "selector": "docstring",
        "rounds": 1,
        "draft": {"n": 1},
        "budget": {"per": "run", "share": "need", "samples": 99},
    }
)


@given(lengths=st.lists(st.integers(1, 9), min_size=1), limit=st.integers(1, 60))
def test_samples_are_handed_out_in_turns(lengths: list[int], limit: int) -> None:
    ways = [[Spending(i, 7 * i, i) for i in range(1, length + 1)] for length in lengths]
    assert steps_by_need(budget_of(NEED, 9, samples=limit), ways) == in_turns(lengths, limit)


def in_turns(lengths: list[int], limit: int) -> list[int]:
    """Return the draws of each problem, as handed out one after the other."""
    taken = [1] * len(lengths)
    while sum(taken) < limit and taken != lengths:
        for i, length in enumerate(lengths):
            if taken[i] < length and sum(taken) < limit:
                taken[i] += 1
    return taken


EASY: Pool = [("++", True, 5), ("++", False, 5), ("--", False, 5), ("--", False, 5)]
HARD: Pool = [("++", True, 5), ("+-", True, 5), ("+-", False, 5), ("--", False, 5)]


@pytest.mark.parametrize("repairs", [0, 1, 3])
async def test_an_arm_with_a_budget_by_need_is_compared_with_such_draws(
    tmp_path: Path, repairs: int
) -> None:
    made = [drafts(EASY), drafts(HARD)]
    loops = [
        trace_of(
            *(One(False, visible="--", round=min(i, 1), tokens=5) for i in range(repairs + 1)),
            task=task,
            calls=[call(0, 7, 5), call(1, 7, *[5] * repairs)],
        )
        for task in ("Own/0", "Own/1")
    ]
    memo = DiskCache(tmp_path / "memo.json")
    found = await compare_with_draws(NEED, loops, made, FakeSandbox(verdicts), memo, "")
    drawn = []
    for easy, hard in zip(orders(4, "Own/0"), orders(4, "Own/1"), strict=True):
        shown = [[EASY[i] for i in easy], [HARD[i] for i in hard]]
        lengths = [next((k for k, one in enumerate(p, 1) if one[0] == "++"), len(p)) for p in shown]
        taken = in_turns(lengths, 2 * (repairs + 1))
        drawn.append([best(pool[:k]) for pool, k in zip(shown, taken, strict=True)])
    assert found.at_samples is not None
    expected = [fmean(verdict) for verdict in zip(*drawn, strict=True)]
    assert found.at_samples.first == pytest.approx(expected)


def best(drawn: Pool) -> float:
    most = max(marks.count("+") for marks, _, _ in drawn)
    return fmean(right for marks, right, _ in drawn if marks.count("+") == most)


def test_the_ways_pay_for_tests_once_and_for_a_prompt_with_each_draw(tmp_path: Path) -> None:
    tests = call(0, 5, 8).model_copy(update={"purpose": "tests"})
    loop = trace_of(One(False, visible="--"), calls=[call(0, 7, 5), tests])
    pool: Pool = [("--", False, 1), ("--", False, 2)]
    found = ArmProblem(
        loop, drafts(pool), NEED, FakeSandbox(verdicts), DiskCache(tmp_path / "memo.json")
    )
    assert asyncio.run(found.ways()) == [
        [Spending(1, 13 + 7 + 1, 1), Spending(2, 13 + 14 + 3, 2)],
        [Spending(1, 13 + 7 + 2, 1), Spending(2, 13 + 14 + 3, 2)],
    ]


def test_the_run_that_makes_the_draws_shares_nothing() -> None:
    config = drawing(NEED, 8)
    assert (config.draft.n, config.drafts_singly) == (8, False)
