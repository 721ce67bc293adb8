"""The results of a study: the records that its tables, plots and page are made of.

All shares are fractions. Tokens are means per problem in a `SpendingPoint`, and sums in a `Cost`.
"""

from __future__ import annotations

from agent.report.summary import Difference, Rate
from agent.types import Record
from experiments.studies.arms import PublishedFigure
from experiments.studies.ledger import Ledger


class SpendingPoint(Record):
    """The mean result of a loop after a round, or of a number of draws, and its cost."""

    samples: float
    """Programs per problem."""
    generated: float
    """Completion tokens per problem, including those of tests and intermediate answers."""
    total: float
    """Prompt and completion tokens per problem."""
    passed: float
    """Expected pass@1 of the answer; ties of the selector count by their share of right ones."""
    coverage: float
    """Share of problems with at least one right program."""


class Interval(Record):
    """A mean difference over problems with its 95 % interval, paired bootstrap."""

    value: float
    low: float
    high: float
    p: float
    """The p-value of a two-sided sign-flip test of the paired differences."""
    holm: float
    """The same, adjusted by Holm for the number of arms compared."""


class Cost(Record):
    """The cost of an arm: sums over its problems."""

    prompt_tokens: int
    completion_tokens: int
    calls: int
    completions: int


class LossCount(Record):
    """Number of problems that an arm does not solve, of one label, outcome and category."""

    label: str
    outcome: str
    category: str
    problems: int


class DrawCurve(Record):
    """Draws under one selector: one point for each number, or largest number, of draws."""

    label: str
    """Text that says if they stop like a loop, the selector, and settings that are not default."""
    points: tuple[SpendingPoint, ...]


class SampledRate(Record):
    """pass@k of sampled drafts, with its 95 % interval, a bootstrap over problems."""

    k: int
    value: float
    low: float
    high: float


class EqualSamples(Record):
    """A way of drafting, for as many tokens as one sample of the dearest way takes."""

    drafts: str
    """Folder of the run that only draws."""
    tokens: float
    """Tokens of one sample, the prompt included: mean over problems."""
    budget: float
    """Tokens per problem."""
    samples: float
    """Samples per problem for the budget: not an integer."""
    short: int
    """Number of problems whose stored samples cost less than the budget."""
    coverage: float
    """Expected share of problems with a right program among these samples."""
    versus: Interval | None
    """The difference from the first way; None for that one."""


class PublishedResult(Record):
    """A figure that somebody published, and that of the study."""

    published: PublishedFigure
    ours: Rate | SampledRate | None
    """None if the study does not have the figure."""


class ArmResult(Record):
    """One arm of a study."""

    name: str
    settings: dict[str, str]
    """The settings that it changes, as `section.key`: value."""
    folder: str
    """Its run folder, relative to the study's folder."""
    single_shot: Rate
    final: Rate
    expected: float
    """Expected pass@1 of a random choice among the candidates that the selector left tied."""
    oracle: Rate
    """Coverage: problems with a candidate that passes the hidden tests."""
    unscored: int
    versus: Difference | None
    """The difference from the baseline arm; None for the baseline itself."""
    holm: float | None
    """McNemar's p of `versus`, adjusted by Holm for the number of arms compared."""
    at_tokens: Interval | None
    """The arm minus draws, with the same selector and the same stop, that cost the same tokens on
    average over the problems. None if the selector asks the model, or if tokens are not known."""
    at_samples: Interval | None
    """The arm minus such draws, as many as the arm has candidates on average."""
    drawn: SpendingPoint | None
    """The point of the draws of `at_tokens`."""
    beyond: float
    """Tokens per problem that remain after all stored draws, which are then too few."""
    draws: str
    """Label of the curve of draws that the arm is compared with; empty if there is none."""
    points: tuple[SpendingPoint, ...]
    """The single shot, and the loop after round 0, 1, ..."""
    cost: Cost
    """The cost as if the arm had run alone."""
    new: Cost
    """The cost of answers that no earlier arm asked for; `calls` are those with a new answer."""
    executions: int
    variants: int = 0
    """Edited programs that were screened in the search for patches."""
    drafts: str = ""
    """Folder of the run that only draws for it."""
    sampled: tuple[SampledRate, ...] = ()
    """Unbiased pass@k of its sampled drafts; empty if they are greedy."""
    ledger: Ledger
    losses: tuple[LossCount, ...]


class StudyResult(Record):
    """All arms of a study. The same runs give the same record."""

    name: str
    description: str = ""
    dataset: str
    model: str
    problems: int
    """Problems scored in every arm and in the draws: all figures are over these."""
    left_out: int
    """Problems that are not scored in every arm and in the draws."""
    baseline: str
    """Name of the arm that the others are compared with."""
    drawn: int
    """Independent drafts per problem that the draws are taken from."""
    single_draw: float
    """pass@1 of a single draft: the mean over those that are sampled, if any are."""
    single_draw_error: float
    """The standard error of `single_draw`, clustered by problem."""
    detectable: tuple[tuple[float, float | None], ...]
    """Pairs of a share of problems that change, and the smallest difference that is then detected
    with 80 % power at the level of Holm's first step. None if no difference is detected."""
    fewest_flips: int
    """Problems that must change, all in one direction, for significance at that level."""
    categories: dict[str, int]
    """Number of problems in each category."""
    arms: tuple[ArmResult, ...]
    published: tuple[PublishedResult, ...] = ()
    equal_samples: tuple[EqualSamples, ...] = ()
    """The ways of drafting at equal tokens; empty if there is only one."""
    curves: tuple[DrawCurve, ...]


class ArmSpending(Record):
    """The time and model answers that an arm really took, which depend on the store."""

    name: str
    asked: int
    """Answers that the model itself gave; the store gave the others."""
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    """Wall time of the start that finished the run."""
    patch_seconds: float = 0.0
    """CPU time of the search for patches."""
