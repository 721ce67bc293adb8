"""Independent draws of a problem's program: what drawing again instead of repairing would give."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import model_validator

from agent.errors import RunFolderError
from agent.evaluation.stats import pass_at_k
from agent.types import Record, Trace


class Draws(Record):
    """Draws of one problem from one distribution, each with its hidden verdict."""

    verdicts: tuple[bool, ...]
    prompt_tokens: int
    """Of one request: it counts once, however many draws it gives."""
    completion_tokens: tuple[int, ...]
    """One entry a draw."""

    @model_validator(mode="after")
    def _one_a_draw(self) -> Draws:
        if len(self.verdicts) != len(self.completion_tokens):
            raise ValueError(
                f"{len(self.verdicts)} verdicts on draws of {len(self.completion_tokens)} lengths"
            )
        return self

    @property
    def mean_completion(self) -> float:
        """Completion tokens of a draw, on average; 0 without a draw."""
        return sum(self.completion_tokens) / max(1, len(self.completion_tokens))

    def affordable(self, tokens: int) -> float:
        """How many draws one request gives for as many tokens, as a mean: no whole number.

        Draws without tokens, empty ones or of a server that counts none, cost nothing.
        """
        if not self.mean_completion:
            return math.inf
        return max(0.0, (tokens - self.prompt_tokens) / self.mean_completion)


def verdicts_of(trace: Trace) -> tuple[bool, ...]:
    """Hidden verdicts, one a candidate. Raises RunFolderError for a trace without a score."""
    if trace.score is None:
        raise RunFolderError(f"{trace.problem.task_id}: not scored")
    return trace.score.passed


def solved(trace: Trace) -> bool:
    """Whether the answer passes the hidden tests. Raises RunFolderError for an unscored trace."""
    return verdicts_of(trace)[trace.choice.candidate]


def draws_of(trace: Trace) -> Draws:
    """The drafts of a trace, in their order. Raises RunFolderError for a trace without a score."""
    known = zip(trace.candidates, verdicts_of(trace), strict=True)
    drafts = [(c.usage, passed) for c, passed in known if c.round == 0 and c.origin == "draft"]
    return Draws(
        verdicts=tuple(passed for _, passed in drafts),
        prompt_tokens=max((usage.prompt_tokens for usage, _ in drafts), default=0),
        completion_tokens=tuple(usage.completion_tokens for usage, _ in drafts),
    )


def chance(verdicts: Sequence[bool], k: float) -> float:
    """Probability that at least one of `k` of the draws, taken without replacement, is right.

    That is `agent.evaluation.stats.pass_at_k`, 0 for k = 0, and linear between whole numbers: a
    budget that buys 2.5 draws on average buys two or three. There are no more draws than verdicts:
    a larger k gives what all of them give, which is a lower bound.

    Raises ValueError for a k that is negative or no number.
    """
    if not k >= 0:
        raise ValueError(f"k must be at least 0, not {k}")
    k = min(k, len(verdicts))
    below = math.floor(k)
    low, high = _of_whole(verdicts, below), _of_whole(verdicts, math.ceil(k))
    return low + (k - below) * (high - low)


def _of_whole(verdicts: Sequence[bool], k: int) -> float:
    return pass_at_k(len(verdicts), sum(verdicts), k) if k else 0.0
