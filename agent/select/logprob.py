"""The mean log-probability of the answer's tokens, where the server gives it."""

from __future__ import annotations

from math import inf

from agent.select.base import Pool, Ranking, by_score


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """The likeliest first; candidates without a log-probability come last."""
    known = {member: pool.candidates[member].mean_logprob for member in members}
    if all(value is None for value in known.values()):
        return Ranking((members,))
    return by_score(
        {member: -inf if value is None else value for member, value in known.items()},
        lambda best, group: f"mean log-probability {best:.3f}, the highest of {len(members)}",
    )
