"""SRank: clusters of programs with the same outputs, ranked by how far they overlap.

To et al., Functional Overlap Reranking for Neural Code Generation (Findings of ACL 2024). On the
inputs of the generated tests, programs with the same outputs are a cluster. Its feature is its
share of the programs times the share of generated tests that these pass on average, each test
counted as often as it was written; its score adds up the features of all clusters, each weighted by
the share of inputs on which the two give the same value. What gives no value on any input is in no
cluster. Shares with one denominator are compared by their numerators: what is equal is a tie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.selection.pool import Pool, Ranking, best_of, by_score
from agent.visible_tests.inputs.calls import calls_of_tests

Outputs = tuple[str | None, ...]


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """By the score of a candidate's cluster; what gives no value comes last."""
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
    whole = sum(map(len, clusters.values())) * pool.weight(generated) * len(calls)

    def reason(best: float, group: tuple[int, ...]) -> str:
        tied = {given[member] for member in group}
        return (
            f"SRank takes {len(clusters.get(given[group[0]], group))} of {len(members)} "
            f"candidates: score {best / max(1, whole):.3f}, "
            f"{best_of(len(tied), len(clusters), 'clusters')}"
        )

    return by_score({member: scores.get(given[member], 0) for member in members}, reason)


def cluster_scores(passed: Mapping[Outputs, int]) -> dict[Outputs, int]:
    """The score of each cluster, times programs, tests and inputs.

    `passed` has how many pairs of one of its programs and a test that it passes there are: its
    feature, times programs and tests.
    """
    return {
        outputs: sum(
            pairs * (len(outputs) if other == outputs else overlap(outputs, other))
            for other, pairs in passed.items()
        )
        for outputs in passed
    }


def overlap(left: Sequence[str | None], right: Sequence[str | None]) -> int:
    """Inputs on which both give a value, and the same."""
    return sum(a is not None and a == b for a, b in zip(left, right, strict=True))
