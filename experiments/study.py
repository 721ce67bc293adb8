"""What a study found: the records that its tables, plots and page are made of.

All shares are fractions; tokens are means a problem where a `Point` has them, and sums in a `Cost`.
"""

from __future__ import annotations

from agent.types import Difference, Rate, Record
from experiments.ledger import Ledger


class Point(Record):
    """What a way of spending gives on average: a loop after a round, or a number of draws."""

    samples: float
    """Programs a problem."""
    generated: float
    """Completion tokens a problem, those of tests and intermediate answers included."""
    total: float
    """The same with prompt tokens."""
    passed: float
    """Expected pass@1 of the answer; ties of the selector count by their share of right ones."""


class Interval(Record):
    """A mean difference over problems with its 95 % interval, paired bootstrap."""

    value: float
    low: float
    high: float
    family_low: float
    """The interval that holds for all arms of the study together with 95 %, after Bonferroni ..."""
    family_high: float


class Cost(Record):
    """What an arm takes: sums over its problems."""

    prompt_tokens: int
    completion_tokens: int
    calls: int
    completions: int


class LossCount(Record):
    """Problems that the answer of an arm does not solve, of one kind."""

    label: str
    outcome: str
    category: str
    problems: int


class DrawCurve(Record):
    """Independent draws under one selector: a point for each number of draws."""

    label: str
    """The selector, and what its tests are where arms differ in that."""
    points: tuple[Point, ...]


class ArmResult(Record):
    """One arm of a study."""

    name: str
    settings: dict[str, str]
    """What it changes, as `section.key`: value."""
    folder: str
    """Its run folder, relative to the study's."""
    single_shot: Rate
    final: Rate
    expected: float
    """pass@1 of a draw among the candidates that the selector left tied."""
    oracle: Rate
    """Coverage: problems of which any candidate passes the hidden tests."""
    unscored: int
    versus: Difference | None
    """Against the baseline arm; None for that arm itself."""
    holm: float | None
    """McNemar's p of that, adjusted by Holm for the number of arms compared."""
    at_tokens: Interval | None
    """Less draws for the same tokens with the same selector; None where that asks the model."""
    at_samples: Interval | None
    """Less as many draws as it has candidates."""
    beyond: int
    """Problems whose tokens buy more draws than there are: there, the draws are shown too few."""
    draws: str
    """Label of the curve of draws that it is compared with; empty where there is none."""
    points: tuple[Point, ...]
    """The single shot, and the loop after round 0, 1, ..."""
    cost: Cost
    """As if it had run alone."""
    new: Cost
    """What no arm before it had asked for; its calls are those with a new answer."""
    executions: int
    ledger: Ledger
    losses: tuple[LossCount, ...]


class StudyResult(Record):
    """All arms of a study. The same runs give the same record."""

    name: str
    dataset: str
    model: str
    problems: int
    baseline: str
    """Name of the arm that the others are compared with."""
    drawn: int
    """Independent drafts a problem that the draws are taken from."""
    single_draw: float
    """pass@1 of one of them ..."""
    single_draw_error: float
    """... and its standard error, clustered by problem."""
    detectable: tuple[tuple[float, float], ...]
    """Share of problems that change, and the smallest difference found with 80 % power then."""
    fewest_flips: int
    """Problems that must change, all one way, for anything to be significant."""
    categories: dict[str, int]
    """Problems of each category."""
    arms: tuple[ArmResult, ...]
    curves: tuple[DrawCurve, ...]


class ArmSpending(Record):
    """What was really spent on an arm, on the clock and of the model: it depends on the store."""

    name: str
    asked: int
    """Answers that the model itself gave; the store gave the others."""
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    """Wall time of the start that finished it."""
