"""CodeT's dual execution agreement.

Chen et al., CodeT: Code Generation with Generated Tests (ICLR 2023), section 2.2: candidates that
pass exactly the same generated tests are a consensus set, S programs with T tests. Its score here
is that of the authors' own code, sqrt(|S|) * |T|; `codet_product` has the paper's |S| * |T|.
Programs and tests count as often as they were written. What passes no test comes last.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from agent.select.base import Pool, Ranking, by_score, consensus_sets


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """By the score of a candidate's consensus set."""
    return rank_sets(pool, members, sqrt)


def rank_sets(pool: Pool, members: tuple[int, ...], of_programs: Callable[[int], float]) -> Ranking:
    """By `of_programs`(|S|) * |T|."""
    sets = consensus_sets(pool, members)
    weights = {tests: pool.weight(tests) for tests in sets}
    if not any(weights.values()):
        return Ranking((members,))
    scores = {
        member: of_programs(len(group)) * weights[tests]
        for tests, group in sets.items()
        for member in group
    }

    def reason(best: float, group: tuple[int, ...]) -> str:
        return (
            f"consensus of {len(group)} on {weights[_tests(pool, group[0])]} generated tests: "
            f"score {best:.3f}, best of {len(sets)} sets"
        )

    return by_score(dict(sorted(scores.items())), reason)


def _tests(pool: Pool, member: int) -> int:
    return pool.passed[member] & pool.bits("generated")
