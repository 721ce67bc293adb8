"""What a study found: the records that its tables, plots and page are made of.

All shares are fractions; tokens are means a problem where a `Point` has them, and sums in a `Cost`.
"""

from __future__ import annotations

from agent.types import Difference, Rate, Record
from experiments.study.ledger import Ledger


class SpendingPoint(Record):
    """What a way of spending gives on average: a loop after a round, or a number of draws."""

    samples: float
    """Programs a problem."""
    generated: float
    """Completion tokens a problem, those of tests and intermediate answers included."""
    total: float
    """The same with prompt tokens."""
    passed: float
    """Expected pass@1 of the answer; ties of the selector count by their share of right ones."""
    coverage: float
    """Share of problems of which any of the programs is right."""


class Interval(Record):
    """A mean difference over problems with its 95 % interval, paired bootstrap."""

    value: float
    low: float
    high: float
    p: float
    """Sign-flip test of the paired differences, two-sided ..."""
    holm: float
    """... and adjusted by Holm for the arms compared."""


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
    """Draws under one selector: a point for each number of them, or for the most of them."""

    label: str
    """Whether they stop like a loop, the selector, and what else is not the default."""
    points: tuple[SpendingPoint, ...]


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
    """Less draws with the same selector that stop like the loop, as many as cost the same tokens on
    average over the problems; None where the selector asks the model, or tokens are not known."""
    at_samples: Interval | None
    """Less as many of them as it has candidates on average."""
    drawn: SpendingPoint | None
    """What these draws give for the same tokens."""
    beyond: float
    """Tokens a problem that all stored draws leave unspent: so far, the draws are too few."""
    draws: str
    """Label of the curve of draws that it is compared with; empty where there is none."""
    points: tuple[SpendingPoint, ...]
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
    """Those that every arm and the draws could score: all figures are of them."""
    left_out: int
    """Problems that the machinery failed on in some arm."""
    baseline: str
    """Name of the arm that the others are compared with."""
    drawn: int
    """Independent drafts a problem that the draws are taken from."""
    single_draw: float
    """pass@1 of one of them ..."""
    single_draw_error: float
    """... and its standard error, clustered by problem."""
    detectable: tuple[tuple[float, float | None], ...]
    """Share of problems that change, and the smallest difference that is found with 80 % power
    then, at the level of the first step of Holm; None where none is."""
    fewest_flips: int
    """Problems that must change, all one way, for anything to be significant at that level."""
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
