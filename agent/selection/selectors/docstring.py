"""The number of docstring examples passed: the author of the problem wrote them."""

from __future__ import annotations

from agent.selection.pool import Pool, Ranking, by_score


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the number of docstring examples passed."""
    examples = pool.bits("docstring")
    total = examples.bit_count()
    if not total:
        return Ranking((members,))
    counts = {member: (pool.passed[member] & examples).bit_count() for member in members}
    return by_score(
        {i: (count, -float(pool.candidates[i].is_weak_patch)) for i, count in counts.items()},
        lambda best, group: (
            f"{len(group)} of {len(members)} candidates pass {best[0]:.0f} of {total} examples"
        ),
    )
