"""B4: the consensus set with the highest posterior probability of being right.

Chen et al., B4: Towards Optimal Assessment of Plausible Code Solutions with Plausible Tests (ASE
2024). There are N programs and M distinct tests. A consensus set consists of programs x and the
tests y that they pass. The block of the other programs and y has n1 cells, of which s1 are passes;
the block of the other programs and the other tests has n0 cells, of which s0 are. The score is

    ln B(|x| + a, N - |x| + 1) + ln B(|y| + a, M - |y| + 1)
        + ln B(s1 + 1, n1 - s1 + 1) + ln B(s0 + 1, n0 - s0 + b0)

with a = 10^3 and b0 = 10^4: the prior expects many right programs and tests, and that wrong
programs rarely pass wrong tests. Candidates that pass no test come last.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, lgamma

from agent.selection.pool import Pool, Ranking, best_of, by_score, consensus_sets

ALPHA = 1e3
BETA_0 = 1e4


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the score of a candidate's consensus set."""
    sets, total = consensus_sets(pool), pool.bits("generated").bit_count()
    own = {member: pool.generated(member) for member in members}
    if not any(own.values()):
        return Ranking((members,))
    scores = {tests: score(tests, sets, total) for tests in set(own.values())}

    def reason(best: float, group: tuple[int, ...]) -> str:
        tests, tied = own[group[0]], {own[member] for member in group}
        return (
            f"B4 takes {sets[tests]} programs with {tests.bit_count()} of {total} generated tests: "
            f"score {best:.3f}, {best_of(len(tied), len(scores), 'sets')}"
        )

    return by_score({member: scores[tests] for member, tests in own.items()}, reason)


def score(tests: int, sizes: Mapping[int, int], total: int) -> float:
    """Return the score of set `tests`; `sizes` has the number of programs per set, `total` is M."""
    if not tests:
        return -inf
    programs, passed = sizes[tests], tests.bit_count()
    others = [(set_, size) for set_, size in sizes.items() if set_ != tests]
    outside = sum(size for _, size in others)
    inner = sum(size * (set_ & tests).bit_count() for set_, size in others)
    outer = sum(size * (set_ & ~tests).bit_count() for set_, size in others)
    return (
        log_beta(programs + ALPHA, outside + 1)
        + log_beta(passed + ALPHA, total - passed + 1)
        + log_beta(inner + 1, outside * passed - inner + 1)
        + log_beta(outer + 1, outside * (total - passed) - outer + BETA_0)
    )


def log_beta(a: float, b: float) -> float:
    """Return the natural logarithm of the beta function."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)
