"""The model says in words what went wrong, keeps that for all later rounds, and writes anew.

Source: Shinn et al., Reflexion: Language Agents with Verbal Reinforcement Learning (NeurIPS 2023).
Cost: two calls. Given: what error_feedback is given, and the reflections of the rounds before on
the same line of repair.
"""

from __future__ import annotations

from dataclasses import replace

from agent.repair.strategy import REFLECTION, Case, Session, by_promise, note, told
from agent.types import Completion

choose = by_promise


async def repair(case: Case, session: Session) -> Completion:
    """Reflect, and ask for a new implementation with all reflections so far."""
    reflection = await session.ask(case, told("reflexion/reflect"), REFLECTION)
    if said := note(reflection):
        case = replace(case, notes=(*case.notes, said))
    return await session.write(case, told("reflexion/write"), "write")
