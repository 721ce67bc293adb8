"""Repair that names one failing test and asks for the whole function again.

Cost: one call. Given: the first failing test.
"""

from __future__ import annotations

from agent.repair.strategy import Case, Session, by_priority
from agent.types import Completion, Message

choose = by_priority
"""The choice of programs to repair in a round; or define `choose(targets, width, random)`."""


async def repair(case: Case, session: Session) -> Completion | None:
    """Return the answer with the new program, or None to end the repair of the old one."""
    if not case.feedback.failing:
        return None
    return await session.write(case, _prompt)


def _prompt(case: Case) -> tuple[Message, ...]:
    """Return the prompt. Called again with a shorter case if it exceeds the model's context."""
    failing = case.feedback.failing[0].source if case.feedback.failing else ""
    text = (
        f"{case.problem.prompt}\n\nThis program is wrong:\n\n```python\n{case.program}\n```\n\n"
        f"It fails this test:\n\n```python\n{failing}\n```\n\nWrite the whole function again."
    )
    return (Message(role="user", content=text),)
