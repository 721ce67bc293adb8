"""Monte Carlo tree search (UCT) over the tree of programs chooses the program to repair next.

Source: Zhou et al., Language Agent Tree Search Unifies Reasoning, Acting, and Planning in Language
Models (LATS, ICML 2024), with the rule UCT of Kocsis and Szepesvari, Bandit Based Monte-Carlo
Planning (ECML 2006). A program's reward is the share of the visible tests that it passes, and is
backed up along its parents. LATS also rewards by the model's own judgement and by reflections, and
its code by the verdict of the hidden test; this strategy does not. Cost: one call. Given: the same
as error_feedback.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt
from random import Random

from agent.repair.lineage import RepairTarget
from agent.repair.strategy import Case, Session, single_turn
from agent.types import Completion

EXPLORATION = 1
"""The weight of exploration, with the value of LATS."""


def choose(targets: Sequence[RepairTarget], width: int, random: Random) -> tuple[RepairTarget, ...]:
    """Return the programs that a descent of the tree reaches first; `random` is not used."""
    return tuple(sorted(targets, key=_descent, reverse=True)[:width])


def _descent(target: RepairTarget) -> list[tuple[float, int]]:
    """Return the score of each choice on the way from the root to one more edit of a program.

    A descent takes the best choice at each program: one of its edits, or one more edit of itself.
    The latter has the reward of the program, and a visit for it and for each edit so far. Of equal
    choices, the oldest comes first.
    """
    steps = [
        (_uct(tree.value, tree.visits, above.visits), -tree.root)
        for above, tree in pairwise(target.line)
    ]
    itself = _uct(target.share, 1 + target.tries, target.line[-1].visits)
    return [*steps, (itself, -target.candidate.id)]


def _uct(value: float, visits: int, visits_above: int) -> float:
    return value + EXPLORATION * sqrt(log(visits_above) / visits)


async def repair(case: Case, session: Session) -> Completion:
    """Show the failing tests, and ask for the whole function again."""
    return await session.write(case, single_turn("mcts/fix"))
