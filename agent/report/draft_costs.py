"""The requests that drafts of a problem take: a prompt counts once for all answers of one."""

from __future__ import annotations

from agent.types import Trace


def share_no_prompt(trace: Trace) -> bool:
    """Whether each draft has a prompt of its own: a program that follows its own plan does."""
    return any(call.purpose == "plan" for call in trace.calls)


def draft_requests(greedy: int, number: int) -> int:
    """Return the number of requests for so many drafts, of which `greedy` first ones are greedy."""
    return 2 if 0 < greedy < number else 1
