"""Repair that names one failing test and asks for the whole function again.

Cost: one call. Given: the first failing test.
"""

from __future__ import annotations

from agent.repair.strategy import Case, Session, by_promise
from agent.types import Completion, Message

choose = by_promise
"""Which programs a round works on; a function (targets, width, random) of your own will do, too."""


async def repair(case: Case, session: Session) -> Completion | None:
    """Return the answer that holds the new program, or None to leave the old one for good."""
    if not case.feedback.failing:
        return None
    return await session.write(case, _told)


def _told(case: Case) -> tuple[Message, ...]:
    """The prompt. It is made again of a shorter case if it does not fit the model's context."""
    failing = case.feedback.failing[0].source if case.feedback.failing else ""
    text = (
        f"{case.problem.prompt}\n\nThis program is wrong:\n\n```python\n{case.program}\n```\n\n"
        f"It fails this test:\n\n```python\n{failing}\n```\n\nWrite the whole function again."
    )
    return (Message(role="user", content=text),)
