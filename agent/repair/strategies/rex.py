"""Thompson sampling over the tree of programs: which one to repair next.

Source: Tang et al., Code Repair with LLMs gives an Exploration-Exploitation Tradeoff (REx, NeurIPS
2024). A program that passes a share h of the tests and was repaired N times is drawn from
Beta(1 + C h, 1 + C (1 - h) + N). Any program of the tree may be repaired again, where the other
strategies go on with the last good one. Cost: one call. Given: what error_feedback is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from agent.repair.lineage import RepairTarget
from agent.repair.strategy import Case, Session, told
from agent.types import Completion

SHARPNESS = 20
"""C in the paper, whose value this is: how far passed tests outweigh chance."""


def choose(targets: Sequence[RepairTarget], width: int, random: Random) -> tuple[RepairTarget, ...]:
    """The programs whose draws are highest."""
    draws = [(_draw(target, random), i) for i, target in enumerate(targets)]
    return tuple(targets[i] for _, i in sorted(draws, reverse=True)[:width])


def _draw(target: RepairTarget, random: Random) -> float:
    passed = SHARPNESS * target.share
    return random.betavariate(1 + passed, 1 + SHARPNESS - passed + target.tries)


async def repair(case: Case, session: Session) -> Completion:
    """Show what failed, and ask for the whole function again."""
    return await session.write(case, told("rex/fix"))
