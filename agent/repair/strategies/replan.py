"""The model restates problem and examples in bullets, and writes a new program without the old.

Source: the problem reflection of Ridnik et al., Code Generation with AlphaCodium: From Prompt
Engineering to Flow Engineering (2024). Cost: two calls. Given: the problem and tests, not the
program.
"""

from __future__ import annotations

from agent.repair.strategy import Case, Session, by_priority, follow_up_turn, single_turn
from agent.types import Completion

choose = by_priority

MOST_CALLS = 2
"""Largest number of calls of one repair."""


async def repair(case: Case, session: Session) -> Completion:
    """Ask for a plan, and then for the program in the same chat."""
    question = single_turn("replan/plan")
    plan = await session.ask(case, question, "plan")
    return await session.write(case, follow_up_turn(question, plan, "replan/write"), "write")
