"""Agreement on generated inputs: what most of the trusted programs give counts as right.

Trusted are the candidates that pass the most docstring examples, and one at least where there are
any. (That all of them be passed would leave out who fails a wrong example, and was no better on
recorded samples: experiments/LOG.md.) An input counts only where more than a set share of the
trusted gives one and the same value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from agent.selection.pool import Pool, Ranking, by_score


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """By the number of inputs on which a candidate gives the value that counts as right."""
    trusted = pool.best_on_examples(range(len(pool.candidates)))
    examples = pool.bits("docstring")
    if examples and not pool.passed[trusted[0]] & examples:
        return Ranking((members,))
    given = await pool.values(tuple(dict.fromkeys((*members, *trusted))), pool.inputs)
    right = agreed((given[member] for member in trusted), pool.share)
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
            f"{known} generated inputs"
        ),
    )


def agreed(answers: Iterable[tuple[str | None, ...]], share: float) -> tuple[str | None, ...]:
    """For each input the one value that more than `share` of the answers give, and at least two."""
    found = []
    for values in zip(*answers, strict=True):
        counts = Counter(value for value in values if value is not None)
        (value, count), (_, second) = (*counts.most_common(2), ("", 0), ("", 0))[:2]
        found.append(value if count > max(second, 1, share * len(values)) else None)
    return tuple(found)
