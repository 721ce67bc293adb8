"""Thompson sampling over the tree of programs chooses the program to repair next.

Source: Tang et al., Code Repair with LLMs gives an Exploration-Exploitation Tradeoff (REx, NeurIPS
2024). A program that passes a share h of the tests and was repaired N times is drawn from
Beta(1 + C h, 1 + C (1 - h) + N). Any program of the tree may be repaired again, whereas the other
strategies continue with the last good one. Cost: one call. Given: the same as error_feedback.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from agent.repair.lineage import RepairTarget
from agent.repair.strategy import Case, Session, single_turn
from agent.types import Completion

SHARPNESS = 20
"""C, with the value of the paper: the weight of passed tests against chance."""


def choose(targets: Sequence[RepairTarget], width: int, random: Random) -> tuple[RepairTarget, ...]:
    """Return the programs with the highest draws."""
    draws = [(_draw(target, random), i) for i, target in enumerate(targets)]
    return tuple(targets[i] for _, i in sorted(draws, reverse=True)[:width])


def _draw(target: RepairTarget, random: Random) -> float:
    passed = SHARPNESS * target.share
    return random.betavariate(1 + passed, 1 + SHARPNESS - passed + target.tries)


async def repair(case: Case, session: Session) -> Completion:
    """Show the failing tests, and ask for the whole function again."""
    return await session.write(case, single_turn("rex/fix"))
