"""One call shows the failing tests: expected and actual value, or the exception and its line.

Source: the unit-test feedback of Chen et al., Teaching Large Language Models to Self-Debug (ICLR
2024), without the explanation step. Cost: one call. Given: the problem, the program, its failing
tests, and the docstring examples that it passes.
"""

from __future__ import annotations

from agent.repair.strategy import Case, Session, by_promise, told
from agent.types import Completion

choose = by_promise


async def repair(case: Case, session: Session) -> Completion:
    """Show the failing tests, and ask for the whole function again."""
    return await session.write(case, told("error_feedback/fix"))
