"""The last fenced block, as most evaluations of chat models do; without one, the whole text."""

from __future__ import annotations

from agent.answers.programs import with_prompt
from agent.parsing.fences import fenced_blocks
from agent.types import Problem


def extract(problem: Problem, text: str) -> str:
    """Return the last fenced block of Python, after the prompt if it only continues it."""
    blocks = fenced_blocks(text)
    return with_prompt(problem, blocks[-1] if blocks else text)
