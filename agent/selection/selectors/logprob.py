"""The mean log-probability of the answer's tokens, if the server reports it."""

from __future__ import annotations

from math import inf

from agent.selection.pool import Pool, Ranking, by_score


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank the likeliest first; candidates without a log-probability come last."""
    likelihoods = {member: pool.likelihood(member) for member in members}
    if all(value == -inf for value in likelihoods.values()):
        return Ranking((members,))
    return by_score(
        likelihoods,
        lambda best, group: f"mean log-probability {best:.3f}, the highest of {len(members)}",
    )
