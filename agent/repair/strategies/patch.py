"""No request to the model: only the patches that the loop searches for with every strategy.

Source: program repair by edits of the syntax tree, as in GenProg (Le Goues et al., IEEE TSE 2012);
docs/patches.md. Cost: no call and no token. Given: the docstring examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from agent.repair.lineage import RepairTarget
from agent.repair.strategy import Case, Session

MOST_CALLS = 0
"""Largest number of calls of one repair."""


def choose(targets: Sequence[RepairTarget], width: int, random: Random) -> tuple[()]:
    """Return no program: nothing is left to the model."""
    return ()


async def repair(case: Case, session: Session) -> None:
    """Return None: no program is chosen."""
