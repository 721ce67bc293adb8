"""Independent draws of a problem's program: the result of drawing again instead of repairing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import model_validator

from agent.errors import RunFolderError
from agent.evaluation.stats import pass_at_k
from agent.report.draft_costs import draft_requests, share_no_prompt
from agent.types import Record, Trace


class Draws(Record):
    """Draws of one problem from one distribution, each with its hidden verdict."""

    verdicts: tuple[bool, ...]
    prompt_tokens: int
    """Prompt tokens of one request. They count once, however many draws the request gives."""
    completion_tokens: tuple[int, ...]
    """One entry per draw."""
    greedy: int = 0
    """Number of first draws that are greedy, not sampled: 1 or 0. They are first in every order."""

    @model_validator(mode="after")
    def _same_length(self) -> Draws:
        if len(self.verdicts) != len(self.completion_tokens):
            raise ValueError(
                f"{len(self.verdicts)} verdicts, {len(self.completion_tokens)} token counts"
            )
        return self

    @property
    def mean_completion(self) -> float:
        """The mean completion tokens of a sampled draw; 0 without one."""
        sampled = self.completion_tokens[self.greedy :]
        return sum(sampled) / max(1, len(sampled))

    def completion(self, k: int) -> float:
        """Return the expected completion tokens of `k` draws, the greedy one first."""
        first = min(k, self.greedy)
        return sum(self.completion_tokens[:first]) + (k - first) * self.mean_completion

    def prompts(self, k: int) -> int:
        """Return the prompt tokens of `k` draws: a greedy one takes a request of its own."""
        return self.prompt_tokens * draft_requests(self.greedy, k)

    def affordable(self, tokens: float) -> float:
        """Return the mean number of draws that one request gives for `tokens`: not an integer.

        Draws of 0 tokens cost nothing: empty ones, or all if the server does not count tokens.
        """
        if not self.mean_completion:
            return math.inf
        return max(0.0, (tokens - self.prompt_tokens) / self.mean_completion)


def verdicts_of(trace: Trace) -> tuple[bool, ...]:
    """Return one hidden verdict per candidate. Raises RunFolderError for an unscored trace."""
    if trace.score is None:
        raise RunFolderError(f"{trace.problem.task_id}: not scored")
    return trace.score.passed


def is_known(trace: Trace) -> bool:
    """Whether every candidate is scored, and none fails as the reference solution does."""
    return trace.score is not None and trace.score.judges()


def solved(trace: Trace) -> bool:
    """Whether the answer passes the hidden tests. Raises RunFolderError for an unscored trace."""
    return verdicts_of(trace)[trace.choice.candidate]


def draws_of(trace: Trace) -> Draws:
    """Return the drafts of a trace, in order. Raises RunFolderError for an unscored trace."""
    known = zip(trace.candidates, verdicts_of(trace), strict=True)
    drafts = [(c.usage, passed) for c, passed in known if c.round == 0 and c.origin == "draft"]
    apart = share_no_prompt(trace)
    prompts = () if apart else (usage.prompt_tokens for usage, _ in drafts)
    return Draws(
        verdicts=tuple(passed for _, passed in drafts),
        prompt_tokens=max(prompts, default=0),
        completion_tokens=tuple(u.total if apart else u.completion_tokens for u, _ in drafts),
        greedy=trace.greedy_drafts,
    )


def chance(verdicts: Sequence[bool], k: float) -> float:
    """Return the probability that one of `k` draws, taken without replacement, is right.

    It is `agent.evaluation.stats.pass_at_k`, 0 for k = 0, and linear between whole numbers: a
    budget that buys 2.5 draws on average buys two or three. If k exceeds the number of verdicts,
    the result is that for all of them, which is a lower bound.

    Raises ValueError if k is negative or not a number.
    """
    if not k >= 0:
        raise ValueError(f"k must be at least 0, not {k}")
    k = min(k, len(verdicts))
    below = math.floor(k)
    low, high = _of_whole(verdicts, below), _of_whole(verdicts, math.ceil(k))
    return low + (k - below) * (high - low)


def _of_whole(verdicts: Sequence[bool], k: int) -> float:
    return pass_at_k(len(verdicts), sum(verdicts), k) if k else 0.0
