"""The number of docstring examples passed: the author of the problem wrote them."""

from __future__ import annotations

from agent.selection.pool import Pool, Ranking, by_score


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the number of docstring examples passed."""
    examples = pool.bits("docstring")
    total = examples.bit_count()
    if not total:
        return Ranking((members,))
    return by_score(
        {member: (pool.passed[member] & examples).bit_count() for member in members},
        lambda best, group: (
            f"{len(group)} of {len(members)} candidates pass {best:.0f} of {total} examples"
        ),
    )
