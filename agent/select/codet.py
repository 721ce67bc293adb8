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

from agent.select.base import Pool, Ranking, best_of, by_score, consensus_sets


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
    sets = consensus_sets(pool, members)
    weights = {tests: pool.weight(tests) for tests in sets}
    if not any(weights.values()):
        return Ranking((members,))
    scores = {
        member: score(len(group), weights[tests])
        for tests, group in sets.items()
        for member in group
    }

    def reason(best: float, group: tuple[int, ...]) -> str:
        tests = _tests(pool, group[0])
        tied = {_tests(pool, member) for member in group}
        return (
            f"consensus of {len(sets[tests])} on {weights[tests]} generated tests: "
            f"score {told(int(best)):.3f}, {best_of(len(tied), len(sets), 'sets')}"
        )

    return by_score(dict(sorted(scores.items())), reason)


def _tests(pool: Pool, member: int) -> int:
    return pool.passed[member] & pool.bits("generated")
