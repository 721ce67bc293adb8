"""One call shows the failing tests: expected and actual value, or the exception and its line.

Source: the unit-test feedback of Chen et al., Teaching Large Language Models to Self-Debug (ICLR
2024), without the explanation step. Cost: one call. Given: the problem, the program, its failing
tests, and the docstring examples that it passes.
"""

from __future__ import annotations

from agent.repair.strategy import Case, Session, by_priority, single_turn
from agent.types import Completion

choose = by_priority


async def repair(case: Case, session: Session) -> Completion:
    """Show the failing tests, and ask for the whole function again."""
    return await session.write(case, single_turn("error_feedback/fix"))
