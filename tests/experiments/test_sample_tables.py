"""pass@k of sampled drafts, the order of impact, and figures of others."""

from __future__ import annotations

import pytest

from agent.evaluation.stats import pass_at_k
from experiments.studies.arms import PublishedFigure
from experiments.studies.results import PublishedResult, SampledRate
from experiments.studies.sample_tables import impact, published, sampled
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
    found = study().model_copy(update={"published": (figure(value),)})
    *_, text = published(found)
    assert text.splitlines()[2] == f"| cold | pass@10 | 62.9 | 164 | {words} | a \\| study |"
    assert [*published(study())] == []
