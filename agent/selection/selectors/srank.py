"""SRank: clusters of programs with the same outputs, ranked by their overlap with all clusters.

To et al., Functional Overlap Reranking for Neural Code Generation (Findings of ACL 2024). On the
inputs of the generated tests, programs with the same outputs form a cluster. A cluster's feature is
its share of the programs times the share of generated tests that its programs pass on average, each
test counted as often as it was written. Its score is the sum of the features of all clusters, each
weighted by the share of inputs on which the two clusters give the same value. A program without a
value on any input belongs to no cluster. All shares have the same denominator, so that the code
compares numerators only: equal scores are exactly a tie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.selection.pool import Pool, Ranking, best_of, by_score
from agent.visible_tests.inputs.calls import calls_of_tests

Outputs = tuple[str | None, ...]


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the score of a candidate's cluster; candidates without any value come last."""
    calls = calls_of_tests(pool.tests, pool.problem.entry_point, "generated")
    if not calls:
        return Ranking((members,))
    given = await pool.values(members, calls)
    generated = pool.bits("generated")
    clusters: dict[Outputs, list[int]] = {}
    for member in members:
        if any(value is not None for value in given[member]):
            clusters.setdefault(given[member], []).append(member)
    scores = cluster_scores(
        {
            outputs: sum(pool.weight(pool.passed[member] & generated) for member in group)
            for outputs, group in clusters.items()
        }
    )
    denominator = sum(map(len, clusters.values())) * pool.weight(generated) * len(calls)

    def reason(best: float, group: tuple[int, ...]) -> str:
        tied = {given[member] for member in group}
        return (
            f"SRank takes {len(clusters.get(given[group[0]], group))} of {len(members)} "
            f"candidates: score {best / max(1, denominator):.3f}, "
            f"{best_of(len(tied), len(clusters), 'clusters')}"
        )

    return by_score({member: scores.get(given[member], 0) for member in members}, reason)


def cluster_scores(passed: Mapping[Outputs, int]) -> dict[Outputs, int]:
    """Return the score of each cluster, times the numbers of programs, tests and inputs.

    `passed` maps each cluster to its number of pairs (program of the cluster, test that it passes),
    which is its feature times the numbers of programs and tests.
    """
    return {
        outputs: sum(
            pairs * (len(outputs) if other == outputs else overlap(outputs, other))
            for other, pairs in passed.items()
        )
        for outputs in passed
    }


def overlap(left: Sequence[str | None], right: Sequence[str | None]) -> int:
    """Return the number of inputs on which both give the same value."""
    return sum(a is not None and a == b for a, b in zip(left, right, strict=True))
