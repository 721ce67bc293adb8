"""The model explains its code line by line against the failing test, and then fixes it.

Source: Self-Debugging with explanation, Chen et al., Teaching Large Language Models to Self-Debug
(ICLR 2024). Cost: two calls. Given: the problem, the program, its failing tests, and the docstring
examples that it passes; for the fix, the explanation too.
"""

from __future__ import annotations

from agent.repair.strategy import Case, Session, by_priority, follow_up_turn, single_turn
from agent.types import Completion

choose = by_priority

MOST_CALLS = 2
"""Largest number of calls of one repair."""


async def repair(case: Case, session: Session) -> Completion:
    """Ask for an explanation, and then for the fix in the same chat."""
    question = single_turn("explain/explain")
    explanation = await session.ask(case, question, "explain")
    return await session.write(case, follow_up_turn(question, explanation, "explain/fix"), "fix")
