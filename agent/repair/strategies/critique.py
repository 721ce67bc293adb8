"""The model judges first whether the program or the test is wrong, and fixes only the former.

Source: the test check that AlphaCodium (Ridnik et al., 2024) makes with test anchors, and Chen et
al., Revisit Self-Debugging with Self-Generated Tests (ACL 2025), on what wrong tests do to repair.
Cost: two calls, or one where the only failing test is judged wrong. Given: what error_feedback is
given.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.repair.strategy import Case, Session, by_promise, note, told
from agent.types import Completion

choose = by_promise


async def repair(case: Case, session: Session) -> Completion | None:
    """Judge the first failing test; a wrong one is left out, and without one nothing is fixed."""
    if not case.feedback.failing:
        return await session.write(case, told("critique/fix"), "fix")
    verdict = await session.ask(case, told("critique/judge"), "judge")
    if blames_the_test(note(verdict)):
        failing = case.feedback.failing[1:]
        if not failing:
            return None
        case = replace(case, feedback=case.feedback.model_copy(update={"failing": failing}))
    return await session.write(case, told("critique/fix"), "fix")


def blames_the_test(text: str) -> bool:
    """Whether a verdict is the one word; whatever else it says, the program is blamed."""
    return re.fullmatch(r"[\W_]*(?:the\s+)?test[\W_]*", text, re.IGNORECASE) is not None
