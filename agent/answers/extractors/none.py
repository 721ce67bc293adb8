"""The text as it is: a whole program if it defines the function, else what continues the prompt."""

from __future__ import annotations

from agent.answers.programs import with_prompt
from agent.types import Problem


def extract(problem: Problem, text: str) -> str:
    """Return the text, after the prompt if it does not define the function."""
    return with_prompt(problem, text)
