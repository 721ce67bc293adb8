"""The first draft, whatever the tests say: the single shot as a selector."""

from __future__ import annotations

from agent.selection.pool import Pool, Ranking


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Each candidate in the order in which it was written."""
    return Ranking(tuple((member,) for member in members), "the earliest, untested")
