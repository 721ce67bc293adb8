"""The shortest program, without regard to layout and comments."""

from __future__ import annotations

from agent.answers.programs import canonical
from agent.selection.pool import Pool, Ranking, by_score


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the length of the program's canonical form, shortest first."""
    return by_score(
        {member: -len(canonical(pool.candidates[member].source)) for member in members},
        lambda best, group: f"{-best:.0f} characters, the shortest of {len(members)}",
    )
