"""A draw, whatever the tests say. Its expectation is the candidates' mean pass rate."""

from __future__ import annotations

import random

from agent.selection.pool import Pool, Ranking


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """All tied; the one that is returned is drawn with the run's seed."""
    order = list(members)
    random.Random(f"{pool.seed} {pool.problem.task_id}").shuffle(order)
    return Ranking((tuple(order),), f"a draw among {len(members)}")
