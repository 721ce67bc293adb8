"""What a repair strategy is: a module with a `repair` function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from agent.feedback import Feedback
from agent.types import Candidate, Completion, Message, Problem

Ask = Callable[[tuple[Message, ...]], Awaitable[Completion]]
"""Asks the model once; the caller records what was said, and counts it."""


class Strategy(Protocol):
    """Turns one failing program into an answer that holds a better one."""

    async def repair(
        self, problem: Problem, parent: Candidate, feedback: Feedback, ask: Ask
    ) -> Completion:
        """The last answer of as many calls as the strategy takes."""
        ...
