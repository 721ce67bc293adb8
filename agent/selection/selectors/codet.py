"""CodeT's dual execution agreement.

Chen et al., CodeT: Code Generation with Generated Tests (ICLR 2023), section 2.2: candidates that
pass exactly the same generated tests are a consensus set, S programs with T tests. Its score here
is that of the authors' own code, sqrt(|S|) * |T|, compared as its square; `codet_product` has the
paper's |S| * |T|. Programs and tests count as often as they were written. What passes no test comes
last.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from agent.selection.pool import Pool, Ranking, best_of, by_score, consensus_sets


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """By the score of a candidate's consensus set."""
    return rank_sets(pool, members, lambda programs, tests: programs * tests**2, sqrt)


def rank_sets(
    pool: Pool,
    members: tuple[int, ...],
    score: Callable[[int, int], int],
    told: Callable[[int], float],
) -> Ranking:
    """By a score of |S| and |T|, in whole numbers, so that what is equal is a tie.

    `told` makes of a score what the source calls it.
    """
    sets = consensus_sets(pool)
    own = {member: pool.generated(member) for member in members}
    if not any(own.values()):
        return Ranking((members,))

    def reason(best: float, group: tuple[int, ...]) -> str:
        tests, tied = own[group[0]], {own[member] for member in group}
        return (
            f"consensus of {sets[tests]} on {pool.weight(tests)} generated tests: "
            f"score {told(int(best)):.3f}, {best_of(len(tied), len(set(own.values())), 'sets')}"
        )

    return by_score(
        {member: score(sets[tests], pool.weight(tests)) for member, tests in own.items()}, reason
    )
