"""The figures of a run as records: the content of `summary.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from agent.types import Record, Unjudged, Usage


class Rate(Record):
    """`passed` of `total` problems, with the Wilson 95 % interval as fractions."""

    passed: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """pass@1 as a fraction; 0 if no problem was scored."""
        return self.passed / self.total if self.total else 0.0


class Difference(Record):
    """Paired comparison of two results on the same problems."""

    value: float
    """Second rate minus first rate, as a fraction."""
    low: float
    high: float
    """95 % interval of the difference, paired bootstrap over problems."""
    gained: int
    """Number of problems that only the second result solves."""
    lost: int
    """Number of problems that only the first result solves."""
    p: float
    """p-value of the exact McNemar test, two-sided."""


class Unscored(Record):
    """A problem on which model or sandbox failed. It counts neither as passed nor as failed."""

    task_id: str
    error: str


class ViewFigures(Record):
    """The main results by a part of the hidden tests."""

    single_shot: Rate
    final: Rate
    difference: Difference


class PatchFigures(Record):
    """The part of patches in the final answers, and the cost of the search for them."""

    answers: int
    """Number of final answers that are patches ..."""
    right: int
    """... and how many of these pass the hidden tests."""
    weak: int
    """Number of final answers that are weak patches."""
    unpatched: Rate | None
    """Final answers without patches; None if a selector that asks a model would have to choose."""
    difference: Difference | None
    """Comparison of the final answers (second) with those without patches (first)."""
    variants: int
    """Number of edited programs that were screened."""
    seconds: float
    """CPU time of making and screening them."""


class Report(Record):
    """The figures of one run: the content of `summary.json`."""

    dataset: str
    model: str
    sandbox: str
    single_shot: Rate
    first_draft: Literal["greedy", "sampled", "recorded"] = "sampled"
    """The single shot: a greedy answer, a sampled one, or the first of a file of samples."""
    sampled: dict[int, float] = Field(default_factory=dict)
    """Unbiased pass@k of the sampled drafts, as fractions, by k; empty if their number varies."""
    final: Rate
    oracle: Rate
    """Problems for which any candidate of the pool passes the hidden tests."""
    difference: Difference
    """Comparison of the final answer (second) with the single shot (first)."""
    views: dict[str, ViewFigures] = Field(default_factory=dict)
    """The same by parts of the hidden tests: `base` without the tests that EvalPlus added, `unseen`
    without those that the prompt shows."""
    expected: float
    """pass@1 of a random draw among the candidates that the selector left tied, as a fraction."""
    patches: PatchFigures | None = None
    """The part of patches; None if none were searched."""
    solved_by_round: tuple[int, ...]
    """Number of final answers that pass, by the round that wrote them; entry 0: drafts."""
    drafts: int
    """Number of programs of round 0."""
    usage: Usage
    calls: int
    """Number of answered requests in the traces, whether the model or the store answered them."""
    completions: int
    without_text: dict[str, int] = Field(default_factory=dict)
    """Number of answers without text, by reason."""
    executions: int
    """Number of programs run on visible tests."""
    stopped: dict[str, int]
    """Number of loops that ended for each reason."""
    seconds: float
    """Wall time of all starts of the run."""
    starts: tuple[float, ...] = ()
    """Wall time of each start."""
    asked: int = 0
    """Number of answers from the model, in all starts of the run; the store gave the others ..."""
    spent: Usage = Usage()
    """... and their tokens."""
    refused: int = 0
    """Number of prompts that were refused as too long; `calls` does not count them."""
    unscored: tuple[Unscored, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    """Problems whose single shot or answer fails, as does the reference solution ..."""
    unjudged_count_as_failed: bool = False
    """... and whether they are in the figures nevertheless."""
    dataset_problems: int = 0
    """Number of problems of the dataset, in the run or not; 0 if unknown."""
    part: str = ""
    """The way that the problems of the run were chosen from the dataset; empty if unknown."""
    isolation: dict[str, int] = Field(default_factory=dict)
    """Number of scored problems by the isolation that judged them."""
    unchecked: int = 0
    """Number of scored problems without a reference solution."""

    @property
    def scored(self) -> int:
        """Number of problems with verdicts, judged or not."""
        left_out = 0 if self.unjudged_count_as_failed else len(self.unjudged)
        return self.final.total + left_out

    @property
    def problems(self) -> int:
        """Number of problems of the run."""
        return self.scored + len(self.unscored)
