"""The model reflects on the failure, and writes a new program with all reflections so far.

Source: Shinn et al., Reflexion: Language Agents with Verbal Reinforcement Learning (NeurIPS 2023).
Cost: two calls. Given: the same as error_feedback, and the reflections of earlier rounds on the
same line of repair.
"""

from __future__ import annotations

from dataclasses import replace

from agent.repair.strategy import REFLECTION, Case, Session, by_priority, note, single_turn
from agent.types import Completion

choose = by_priority

MOST_CALLS = 2
"""Largest number of calls of one repair."""


async def repair(case: Case, session: Session) -> Completion:
    """Ask for a reflection, and then for a new program with all reflections so far."""
    reflection = await session.ask(case, single_turn("reflexion/reflect"), REFLECTION)
    if said := note(reflection):
        case = replace(case, notes=(*case.notes, said))
    return await session.write(case, single_turn("reflexion/write"), "write")
