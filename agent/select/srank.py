"""SRank: clusters of programs with the same outputs, ranked by how far they overlap.

To et al., Functional Overlap Reranking for Neural Code Generation (Findings of ACL 2024). On the
inputs of the generated tests, programs with the same outputs are a cluster. Its feature is its
share of the programs times the share of generated tests that it passes, each test counted as often
as it was written; its score adds up the features of all clusters, each weighted by the share of
inputs on which the two give the same value. What gives no value on any input is in no cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.select.base import Pool, Ranking, by_score
from agent.visible_tests.calls import calls_of_tests

Outputs = tuple[str | None, ...]


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """By the score of a candidate's cluster; what gives no value comes last."""
    calls = calls_of_tests(pool.tests, pool.problem.entry_point, "generated")
    if not calls:
        return Ranking((members,))
    given = await pool.values(members, calls)
    generated = pool.bits("generated")
    total = pool.weight(generated)
    clusters: dict[Outputs, list[int]] = {}
    for member in members:
        if any(value is not None for value in given[member]):
            clusters.setdefault(given[member], []).append(member)
    rates = {
        outputs: pool.weight(pool.passed[group[0]] & generated) / total
        for outputs, group in clusters.items()
    }
    sizes = {outputs: len(group) for outputs, group in clusters.items()}
    scores = cluster_scores(sizes, rates)
    return by_score(
        {member: scores.get(given[member], 0.0) for member in members},
        lambda best, group: (
            f"SRank takes {len(group)} of {len(members)} candidates: score {best:.3f}, "
            f"best of {len(clusters)} clusters"
        ),
    )


def cluster_scores(
    sizes: Mapping[Outputs, int], rates: Mapping[Outputs, float]
) -> dict[Outputs, float]:
    """The score of each cluster, from its programs and the share of tests that it passes."""
    total = sum(sizes.values())
    features = {outputs: sizes[outputs] / total * rates[outputs] for outputs in sizes}
    return {
        outputs: sum(
            feature * (1.0 if other == outputs else overlap(outputs, other))
            for other, feature in features.items()
        )
        for outputs in sizes
    }


def overlap(left: Sequence[str | None], right: Sequence[str | None]) -> float:
    """Share of inputs on which both give a value, and the same."""
    same = sum(a is not None and a == b for a, b in zip(left, right, strict=True))
    return same / len(left)
