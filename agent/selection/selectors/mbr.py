"""MBR-EXEC: the program with whose outputs the most candidates agree on every input.

Shi et al., Natural Language to Code Translation with Execution (EMNLP 2022): the loss between two
programs is 1 if their outputs differ on any test input, else 0. The program with the least loss
against all samples wins (in a chain: against those that are still tied); the mean log-probability
breaks ties. Inputs are those of the visible tests and the generated ones. The absence of a value is
an outcome like any other, but a program without a value on any input comes last.
"""

from __future__ import annotations

from collections import Counter

from agent.selection.pool import Pool, Ranking, by_score
from agent.selection.selectors import logprob
from agent.visible_tests.inputs.calls import calls_of_tests


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by the number of candidates with the same outputs, then by log-probability."""
    own = calls_of_tests(pool.tests, pool.problem.entry_point)
    calls = tuple(dict.fromkeys((*own, *pool.inputs)))
    if not calls:
        return await logprob.rank(pool, members)
    given = await pool.values(members, calls)
    votes = {(values, pool.voter(member)) for member, values in given.items()}
    same = Counter(values for values, _ in votes if any(value is not None for value in values))
    return by_score(
        {member: (float(same[given[member]]), pool.likelihood(member)) for member in members},
        lambda best, group: (
            f"{best[0]:.0f} of {len(members)} candidates give the same on all {len(calls)} inputs"
        ),
    )
