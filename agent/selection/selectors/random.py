"""A random choice, regardless of tests. Its expected value is the candidates' mean pass rate."""

from __future__ import annotations

import random

from agent.selection.pool import Pool, Ranking


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank all as tied, in an order drawn with the run's seed and the problem's id."""
    order = list(members)
    random.Random(f"{pool.seed} {pool.problem.task_id}").shuffle(order)
    return Ranking((tuple(order),), f"a draw among {len(members)}")
