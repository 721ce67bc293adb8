"""A study made by hand: three arms on ten problems."""

from __future__ import annotations

from agent.evaluation.stats import wilson
from agent.report.summary import Difference, Rate
from experiments.studies.ledger import Ledger
from experiments.studies.results import (
    ArmResult,
    ArmSpending,
    Cost,
    DrawCurve,
    Interval,
    LossCount,
    SpendingPoint,
    StudyResult,
)

HOSTILE = "<script>alert(1)</script> | $x_1$ `*[a](javascript:b)*` \x1b[31m\n# &amp;"


def interval(value: float, low: float, high: float) -> Interval:
    """Return a difference that is significant if its interval excludes 0."""
    p = 0.01 if low > 0 or high < 0 else 0.4
    return Interval(value=value, low=low, high=high, p=p / 2, holm=p)


def rate(passed: int, total: int = 10) -> Rate:
    low, high = wilson(passed, total)
    return Rate(passed=passed, total=total, low=low, high=high)


def cost(factor: int) -> Cost:
    return Cost(
        prompt_tokens=1200 * factor,
        completion_tokens=800 * factor,
        calls=10 * factor,
        completions=20 * factor,
    )


def ledger(fixed: int, redrawn: float | None) -> Ledger:
    return Ledger(
        edits=3 * fixed,
        fixed=fixed,
        broken=1 if fixed else 0,
        tests_broken=fixed,
        identical=2 * fixed,
        fresh=0,
        problems_fixed=fixed,
        tokens=4000 * fixed,
        tokens_per_fixed=4000.0 if fixed else None,
        redrawn=redrawn,
        exhausted=1 if fixed else 0,
    )


def loss(label: str, outcome: str, category: str, problems: int) -> LossCount:
    return LossCount(label=label, outcome=outcome, category=category, problems=problems)


def baseline(name: str = "single shot") -> ArmResult:
    """Return the baseline arm, in which all optional values are missing."""
    return ArmResult(
        name=name,
        settings={},
        folder="arms/0",
        single_shot=rate(5),
        final=rate(5),
        expected=0.5,
        oracle=rate(5),
        unscored=0,
        versus=None,
        holm=None,
        at_tokens=None,
        at_samples=None,
        drawn=None,
        beyond=0.0,
        draws="",
        points=(SpendingPoint(samples=1, generated=80, total=200, passed=0.5, coverage=0.6),),
        cost=cost(1),
        new=cost(1),
        executions=10,
        ledger=ledger(0, None),
        losses=(
            loss("coverage", "wrong answer", "numbers", 3),
            loss("coverage", "timeout", "text", 1),
            loss("hidden edge cases", "wrong answer", "text", 1),
        ),
    )


def repair(name: str = "error_feedback") -> ArmResult:
    """Return an arm that does better than draws."""
    return baseline(name).model_copy(
        update={
            "settings": {"repair.strategy": "error_feedback", "repair.rounds": "2"},
            "folder": "arms/1",
            "final": rate(8),
            "expected": 0.78,
            "oracle": rate(9),
            "versus": Difference(value=0.3, low=0.1, high=0.6, gained=3, lost=0, p=0.25),
            "holm": 0.04,
            "at_tokens": interval(0.12, 0.01, 0.25),
            "at_samples": interval(-0.0001, -0.1, 0.1),
            "drawn": SpendingPoint(samples=3, generated=400, total=1210, passed=0.66, coverage=0.7),
            "beyond": 210.4,
            "draws": "tiered",
            "points": (
                SpendingPoint(samples=1, generated=80, total=200, passed=0.5, coverage=0.6),
                SpendingPoint(samples=2.0, generated=160, total=300, passed=0.62, coverage=0.6),
                SpendingPoint(
                    samples=3.4, generated=420.5, total=1210.2, passed=0.78, coverage=0.6
                ),
            ),
            "cost": cost(4),
            "new": cost(3),
            "executions": 44,
            "ledger": ledger(2, 1.25),
            "losses": (
                loss("selection", "wrong answer", "numbers", 1),
                loss("coverage", "exception", "text", 1),
            ),
        }
    )


def critic(name: str = "critic") -> ArmResult:
    """Return an arm that does worse than draws, with one unscored problem."""
    return repair(name).model_copy(
        update={
            "settings": {"repair.strategy": "critic"},
            "folder": "arms/2",
            "final": rate(5, 9),
            "expected": 5 / 9,
            "oracle": rate(6, 9),
            "unscored": 1,
            "versus": Difference(value=0.0, low=-0.2, high=0.2, gained=1, lost=1, p=1.0),
            "holm": 1.0,
            "at_tokens": interval(-0.2, -0.4, -0.05),
            "at_samples": interval(-0.1, -0.3, 0.1),
            "beyond": 0.0,
            "points": (
                SpendingPoint(samples=1, generated=80, total=200, passed=0.5, coverage=0.6),
                SpendingPoint(samples=4, generated=2000, total=5400, passed=0.55, coverage=0.6),
            ),
            "ledger": ledger(1, 0.5),
            "losses": (loss("wrong visible test", "wrong answer", "numbers", 4),),
        }
    )


def study(*arms: ArmResult) -> StudyResult:
    """Return a study of these arms, or of all three if none are given."""
    found = arms or (baseline(), repair(), critic())
    return StudyResult(
        name="smoke",
        dataset="own",
        model="scripted/small_one",
        problems=10,
        left_out=1,
        baseline=found[0].name,
        drawn=50,
        single_draw=0.481,
        single_draw_error=0.123,
        detectable=((0.1, None), (0.25, 0.2)),
        fewest_flips=6,
        categories={"numbers": 6, "text": 4},
        arms=found,
        curves=(
            DrawCurve(
                label="tiered",
                points=tuple(
                    SpendingPoint(
                        samples=n,
                        generated=80 * n,
                        total=120 + 80 * n,
                        passed=1 - 0.5**n * 0.9,
                        coverage=0.9,
                    )
                    for n in (1, 2, 4, 8, 16, 32)
                ),
            ),
        ),
    )


def spent() -> tuple[ArmSpending, ...]:
    return (
        ArmSpending(
            name="single shot", asked=10, prompt_tokens=1200, completion_tokens=800, seconds=75.2
        ),
        ArmSpending(name=HOSTILE, asked=0, prompt_tokens=0, completion_tokens=0, seconds=0.3),
    )
