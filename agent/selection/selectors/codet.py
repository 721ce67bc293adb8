"""CodeT's dual execution agreement.

Chen et al., CodeT: Code Generation with Generated Tests (ICLR 2023), section 2.2: candidates that
pass exactly the same generated tests are a consensus set of programs S and tests T. The score here
is that of the authors' code, sqrt(|S|) * |T|, compared by its square; `codet_product` uses the
paper's |S| * |T|. Programs and tests count as often as they were written. Candidates that pass no
test come last.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from agent.selection.pool import Pool, Ranking, best_of, by_score, consensus_sets


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the score of a candidate's consensus set."""
    return rank_sets(pool, members, lambda programs, tests: programs * tests**2, sqrt)


def rank_sets(
    pool: Pool,
    members: tuple[int, ...],
    score: Callable[[int, int], int],
    told: Callable[[int], float],
) -> Ranking:
    """Rank by `score` of |S| and |T|, an integer, so that equal scores are exactly a tie.

    `told` converts this score to the one in the source, which the reason states.
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
