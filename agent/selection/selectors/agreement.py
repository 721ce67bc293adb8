"""Agreement on generated inputs: the value that most trusted programs return counts as right.

The trusted candidates are those that pass the most docstring examples, and at least one if there
are any. (To require all examples would exclude candidates that fail a wrong example, and was not
better on recorded samples: experiments/LOG.md.) An input counts only if more than `pool.share` of
the trusted candidates, and at least two, return the same value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from agent.selection.pool import Pool, Ranking, by_score


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the number of inputs on which a candidate returns the value that counts as right."""
    voters = range(len(pool.candidates))
    return await rank_on(pool.inputs, "generated", pool, members, voters)


async def rank_on(
    inputs: Sequence[str], kind: str, pool: Pool, members: tuple[int, ...], voters: Sequence[int]
) -> Ranking:
    """Rank by agreement with the trusted candidates among `voters`. Reasons name the `kind`."""
    trusted = pool.best_on_examples(voters)
    examples = pool.bits("docstring")
    if (examples and not pool.passed[trusted[0]] & examples) or not inputs:
        return Ranking((members,))
    given = await pool.values(tuple(dict.fromkeys((*members, *trusted))), inputs)
    votes = {pool.voter(member): given[member] for member in reversed(trusted)}
    right = agreed(votes.values(), pool.share)
    known = sum(value is not None for value in right)
    if not known:
        return Ranking((members,))
    return by_score(
        {
            member: sum(
                value is not None and value == wanted
                for value, wanted in zip(given[member], right, strict=True)
            )
            for member in members
        },
        lambda best, group: (
            f"{len(group)} of {len(members)} candidates give the agreed value on {best:.0f} of "
            f"{known} {kind} inputs"
        ),
    )


def agreed(answers: Iterable[tuple[str | None, ...]], share: float) -> tuple[str | None, ...]:
    """Return, per input, the value in more than `share` of the answers, and in at least two.

    None for an input without such a value, or with two equally frequent ones.
    """
    found = []
    for values in zip(*answers, strict=True):
        counts = Counter(value for value in values if value is not None)
        (value, count), (_, second) = (*counts.most_common(2), ("", 0), ("", 0))[:2]
        found.append(value if count > max(second, 1, share * len(values)) else None)
    return tuple(found)
