"""The first draft, regardless of tests: the single-sample baseline as a selector."""

from __future__ import annotations

from agent.selection.pool import Pool, Ranking


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank the candidates in the order in which they were written."""
    return Ranking(tuple((member,) for member in members), "the earliest, untested")
