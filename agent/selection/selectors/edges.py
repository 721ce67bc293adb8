"""Agreement on edge inputs, by the rule of `agreement`.

In a chain only candidates that are still tied have a vote: those that other inputs have ruled out
are less likely to be right on edge cases.
"""

from __future__ import annotations

from agent.selection.pool import Pool, Ranking
from agent.selection.selectors.agreement import rank_on


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the number of edge inputs on which a candidate returns the agreed value."""
    return await rank_on(pool.edges, "edge", pool, members, members)
