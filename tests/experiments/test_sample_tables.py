"""pass@k of sampled drafts, the order of impact, and figures of others."""

from __future__ import annotations

import pytest

from agent.evaluation.stats import pass_at_k
from agent.types import Trace
from experiments.studies.arms import PublishedFigure
from experiments.studies.equal_samples import equal_samples
from experiments.studies.results import PublishedResult, SampledRate
from experiments.studies.sample_tables import at_equal_tokens, impact, published, sampled
from experiments.studies.sampled import sample_curve
from tests.experiments.small_study import baseline, critic, repair, study
from tests.experiments.test_analysis import bank

TASKS = ("a", "b", "c")
POOL = [("++", True, 5), ("--", False, 5), ("--", False, 5), ("++", True, 5)]


def test_a_curve_is_unbiased_and_leaves_the_greedy_draft_out() -> None:
    drafts = [*bank(TASKS, POOL, greedy=1).values()]
    curve = sample_curve(drafts, (2, 1, 2, 3, 4))
    assert [point.k for point in curve] == [1, 2, 3]
    for point in curve:
        assert point.value == pytest.approx(pass_at_k(3, 1, point.k))
        assert point.low <= point.value <= point.high
    assert sample_curve(drafts, (1, 2)) == curve[:2]
    assert sample_curve([], (1,)) == ()


def rate(k: int, value: float) -> SampledRate:
    return SampledRate(k=k, value=value, low=value / 2, high=min(1.0, 2 * value))


def test_arms_that_draft_alike_share_a_row_and_the_best_is_named_for_each_k() -> None:
    cold, warm = (rate(1, 0.4), rate(10, 0.5)), (rate(1, 0.3), rate(10, 0.6))
    arms = [
        baseline("cold").model_copy(update={"drafts": "arms/draws", "sampled": cold}),
        repair("rounds").model_copy(update={"drafts": "arms/draws", "sampled": cold}),
        critic("warm").model_copy(update={"drafts": "arms/draws,warm", "sampled": warm}),
        critic("greedy").model_copy(update={"drafts": "arms/draws,greedy", "sampled": ()}),
    ]
    *_, text = sampled(study(*arms))
    assert text.splitlines()[2:] == [
        "| cold, rounds | 40.0 (20.0 to 80.0) | 50.0 (25.0 to 100.0) |",
        "| warm | 30.0 (15.0 to 60.0) | 60.0 (30.0 to 100.0) |",
        "| greedy | - | - |",
        "| best | cold | warm |",
    ]
    assert [*sampled(study(arms[-1]))] == []


def test_the_largest_change_comes_first() -> None:
    *_, text = impact(study())
    assert [line.split(" | ")[0] for line in text.splitlines()[2:]] == [
        "| error\\_feedback",
        "| critic",
    ]
    assert "| +30.0 | +1,010 |" in text
    assert [*impact(study(baseline(), repair()))] == []


def figure(value: float | None) -> PublishedResult:
    ours = None
    if value is not None:
        ours = SampledRate(k=10, value=value, low=value - 0.05, high=value + 0.05)
    one = PublishedFigure(arm="cold", figure="pass@10", percent=62.9, source="a | study")
    return PublishedResult(published=one, ours=ours)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.6, "60.0 (55.0 to 65.0) | within our interval"),
        (0.5, "50.0 (45.0 to 55.0) | outside of our interval"),
        (None, "- | the study does not have it"),
    ],
)
def test_a_published_figure_stands_beside_ours(value: float | None, words: str) -> None:
    found = study().model_copy(update={"published": (figure(value),), "problems": 164})
    *_, text = published(found)
    assert text.splitlines()[2] == f"| cold | pass@10 | 62.9 | 164 | {words} | a \\| study |"
    assert [*published(study())] == []


def test_a_figure_of_other_problems_is_not_compared() -> None:
    found = study().model_copy(update={"published": (figure(0.6),), "problems": 20})
    *_, text = published(found)
    assert "| not compared: 20 problems here |" in text


def way(folder: str, price: int, right: int) -> tuple[str, list[Trace]]:
    """Return a way of drafting: ten samples of `price` tokens, of which `right` are right."""
    pool = [("+", i < right, price) for i in range(10)]
    return folder, [*bank(TASKS, pool).values()]


def test_ways_of_drafting_are_compared_for_the_tokens_of_one_dear_sample() -> None:
    cheap, dear = equal_samples(dict([way("draws", 10, 2), way("draws,dear", 40, 5)]))
    assert (cheap.tokens, dear.tokens) == (17, 47)  # the prompt has 7
    assert (cheap.budget, cheap.samples, dear.samples) == (47, 4, 1)
    assert cheap.coverage == pytest.approx(pass_at_k(10, 2, 4))
    assert dear.coverage == pytest.approx(0.5)
    assert cheap.versus is None
    assert dear.versus is not None
    assert dear.versus.value == pytest.approx(0.5 - pass_at_k(10, 2, 4))
    few, much = equal_samples(dict([way("draws", 1, 2), way("draws,dear", 40, 5)]))
    assert (few.samples, few.short, much.short) == (10, len(TASKS), 0)
    assert few.coverage == 1


def test_ways_without_tokens_or_without_samples_are_not_compared() -> None:
    assert equal_samples(dict([way("draws", 10, 2)])) == ()
    assert equal_samples(dict([way("draws", 10, 2), way("draws,free", 0, 5)])) == ()
    greedy = {"draws,greedy": [*bank(TASKS, [("+", True, 10)], greedy=1).values()]}
    assert equal_samples(dict([way("draws", 10, 2)]) | greedy) == ()


def test_the_table_of_equal_tokens_names_the_arms() -> None:
    found = equal_samples(dict([way("arms/draws", 10, 2), way("arms/draws,warm", 40, 5)]))
    arms = [
        baseline("cold").model_copy(update={"drafts": "arms/draws"}),
        critic("warm").model_copy(update={"drafts": "arms/draws,warm"}),
    ]
    *_, text = at_equal_tokens(study(*arms).model_copy(update={"equal_samples": found}))
    assert [line.split(" | ")[:3] for line in text.splitlines()[2:]] == [
        ["| cold", "17", "4.00"],
        ["| warm", "47", "1.00"],
    ]
    assert [*at_equal_tokens(study())] == []
