"""The failing tests, with expected and actual value or the exception and its line, in one call.

Source: the unit-test feedback of Chen et al., Teaching Large Language Models to Self-Debug (ICLR
2024), without the explanation step. Cost: one call. Given: the problem, the program, its failing
tests, and the docstring examples that it passes.
"""

from __future__ import annotations

from agent.feedback import Feedback
from agent.prompts import render
from agent.repair.base import Ask
from agent.types import Candidate, Completion, Problem


async def repair(problem: Problem, parent: Candidate, feedback: Feedback, ask: Ask) -> Completion:
    """Show what failed, and ask for the whole function again."""
    code = parent.source.strip()
    template = "repair/error_feedback/user.j2"
    return await ask(render(template, problem=problem, code=code, feedback=feedback))
