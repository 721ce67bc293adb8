"""Another draw of the first prompt, without feedback: the control that every repair has to beat.

Source: the i.i.d. baseline of Olausson et al., Is Self-Repair a Silver Bullet for Code Generation?
(ICLR 2024). Cost: one call. Given: the problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from agent.repair.lineage import RepairTarget
from agent.repair.strategy import Case, Session
from agent.types import Completion


def choose(targets: Sequence[RepairTarget], width: int, random: Random) -> tuple[None, ...]:
    """Return `width` fresh draws; the targets are not used."""
    return (None,) * width


async def repair(case: Case, session: Session) -> Completion:
    """Draw the next answer to the first prompt."""
    return await session.draw(case)
