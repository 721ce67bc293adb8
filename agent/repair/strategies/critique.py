"""The model first judges whether the program or the test is wrong, and fixes only the program.

Source: the check of tests with test anchors in AlphaCodium (Ridnik et al., 2024), and Chen et
al., Revisit Self-Debugging with Self-Generated Tests (ACL 2025), on the harm of wrong tests to
repair. Cost: two calls, or one if the only failing test is judged wrong. Given: the same as
error_feedback.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.repair.strategy import Case, Session, by_priority, note, single_turn
from agent.types import Completion

choose = by_priority

MOST_CALLS = 2
"""Largest number of calls of one repair."""


async def repair(case: Case, session: Session) -> Completion | None:
    """Judge the first failing test, leave it out if it is wrong, and fix the program.

    Returns None if no failing test is left after that.
    """
    if not case.feedback.failing:
        return await session.write(case, single_turn("critique/fix"), "fix")
    verdict = await session.ask(case, single_turn("critique/judge"), "judge")
    if blames_the_test(note(verdict)):
        failing = case.feedback.failing[1:]
        if not failing:
            return None
        case = replace(case, feedback=case.feedback.model_copy(update={"failing": failing}))
    return await session.write(case, single_turn("critique/fix"), "fix")


def blames_the_test(text: str) -> bool:
    """Whether a verdict is only the word "test"; anything else blames the program."""
    return re.fullmatch(r"[\W_]*(?:the\s+)?test[\W_]*", text, re.IGNORECASE) is not None
