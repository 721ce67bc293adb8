"""Docstring examples that the programs give reason to doubt: benchmarks hold wrong ones.

An example that every candidate fails may be wrong, or hard. It is doubted where the candidates that
pass all else agree on another value: enough of them, written in more than one way. That is weak
evidence: on recorded samples fewer than one in ten of these is wrong (`experiments/LOG.md`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.answers.programs import canonical
from agent.types import Matrix, Row, Suspect
from sandbox.types import Outcome, Status

FEWEST = 3
"""Candidates that must agree."""
SHARE = 2 / 3
"""Share that they must be of the candidates asked."""


def suspects(matrix: Matrix) -> tuple[Suspect, ...]:
    """The doubtful examples. There are none where no candidate passes any example."""
    examples = [i for i, test in enumerate(matrix.tests) if test.origin == "docstring"]
    passed = {i for i in examples if any(row.outcomes[i].passed for row in matrix.rows)}
    sound = [row for row in matrix.rows if all(row.outcomes[i].passed for i in passed)]
    if not passed or len(sound) < FEWEST:
        return ()
    sources = {candidate.id: candidate.source for candidate in matrix.candidates}
    found = (_suspect(i, sound, sources) for i in examples if i not in passed)
    return tuple(suspect for suspect in found if suspect is not None)


def doubtful(matrix: Matrix) -> frozenset[int]:
    """Positions of the suspect examples."""
    return frozenset(suspect.test for suspect in suspects(matrix))


def _suspect(test: int, rows: Sequence[Row], sources: dict[int, str]) -> Suspect | None:
    given = {row.candidate: _given(row.outcomes[test]) for row in rows}
    counts = Counter(value for value in given.values() if value is not None)
    if not counts:
        return None
    value, agreed = counts.most_common(1)[0]
    ways = {canonical(sources[number]) for number, other in given.items() if other == value}
    if agreed < FEWEST or agreed < SHARE * len(rows) or len(ways) == 1:
        return None
    return Suspect(test=test, value=value, agreed=agreed, asked=len(rows))


def _given(outcome: Outcome) -> str | None:
    return outcome.value or None if outcome.status is Status.WRONG_ANSWER else None
