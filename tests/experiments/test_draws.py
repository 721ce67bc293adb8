"""Draws: the chance that a budget buys a right program."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.evaluation.stats import pass_at_k
from experiments.studies.draws import Draws, chance, draws_of
from tests.experiments.small_traces import One, trace_of, unscored

verdicts = st.lists(st.booleans(), max_size=8)
budgets = st.floats(0, 12)


@given(verdicts, st.integers(1, 8))
def test_a_whole_number_of_draws_has_the_chance_of_all_choices(drawn: list[bool], k: int) -> None:
    choices = [any(choice) for choice in combinations(drawn, min(k, len(drawn)))]
    assert chance(drawn, k) == pytest.approx(sum(choices) / len(choices))
    if k <= len(drawn):
        assert chance(drawn, k) == pass_at_k(len(drawn), sum(drawn), k)


@given(verdicts, budgets)
def test_between_whole_numbers_it_is_linear(drawn: list[bool], k: float) -> None:
    part = k - math.floor(k)
    ends = chance(drawn, math.floor(k)), chance(drawn, math.ceil(k))
    assert chance(drawn, k) == pytest.approx((1 - part) * ends[0] + part * ends[1])


@given(verdicts, budgets, budgets)
def test_more_draws_are_never_worse(drawn: list[bool], one: float, other: float) -> None:
    few, many = sorted((one, other))
    assert 0 <= chance(drawn, few) <= chance(drawn, many) + 1e-12
    assert chance(drawn, many) <= chance(drawn, math.inf) + 1e-12


def test_chances_by_hand() -> None:
    drawn = [True, False, False, False]
    assert chance(drawn, 0) == 0
    assert chance(drawn, 0.5) == pytest.approx(0.125)
    assert chance(drawn, 2.5) == pytest.approx(0.625)
    assert chance(drawn, 99) == 1
    assert chance([], 3) == 0
    for k in (-0.1, math.nan):
        with pytest.raises(ValueError, match="k must be at least 0"):
            chance(drawn, k)


def test_the_draws_of_a_trace_are_its_drafts() -> None:
    trace = trace_of(
        One(False, tokens=10),
        One(True, tokens=20),
        One(True, parent=0, round=1, tokens=70),
        One(True, round=1, tokens=80),
        request=50,
    )
    found = draws_of(trace)
    assert found == Draws(verdicts=(False, True), prompt_tokens=50, completion_tokens=(10, 20))
    assert found.mean_completion == 15
    with pytest.raises(ValueError, match="Own/0: not scored"):
        draws_of(unscored(trace))


def test_tokens_buy_one_prompt_and_draws_of_mean_length() -> None:
    drawn = Draws(verdicts=(False, True), prompt_tokens=50, completion_tokens=(10, 30))
    assert drawn.affordable(50 + 70) == 3.5
    assert drawn.affordable(49) == 0
    free = Draws(verdicts=(), prompt_tokens=0, completion_tokens=())
    assert free.mean_completion == 0
    assert free.affordable(10) == math.inf


def test_a_draw_without_its_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 verdicts, 1 token counts"):
        Draws(verdicts=(True, True), prompt_tokens=1, completion_tokens=(3,))
