"""The program with the fewest lines among those that pass the most docstring examples."""

from __future__ import annotations

from agent.selection import Pool, Ranking
from agent.selection.pool import by_score


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank the given candidates of a problem, best group first. Each member is in one group."""
    best = pool.best_on_examples(members)
    lines = {member: -len(pool.candidates[member].source.splitlines()) for member in best}
    others = {member: -(10**9) for member in members if member not in best}
    return by_score(lines | others, lambda score, group: f"{-score:.0f} lines")
