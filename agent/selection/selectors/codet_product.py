"""CodeT's dual execution agreement with the score of the paper, |S| * |T|; see `codet`."""

from __future__ import annotations

from agent.selection.pool import Pool, Ranking
from agent.selection.selectors.codet import rank_sets


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the score of a candidate's consensus set."""
    return rank_sets(pool, members, lambda programs, tests: programs * tests, float)
