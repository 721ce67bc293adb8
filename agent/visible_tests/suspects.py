"""Suspect docstring examples: benchmarks contain wrong examples, and candidates can reveal them.

An example that every candidate fails may be wrong or merely hard. It is suspect if enough of the
candidates that pass all other examples agree on another value, and are not all the same program.
Patches do not count: they were made to pass the examples. This is weak evidence: on recorded
samples fewer than one in ten suspects is wrong (`experiments/LOG.md`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.answers.programs import canonical
from agent.types import Matrix, Row, Suspect
from sandbox.types import Outcome, Status

FEWEST = 3
"""Minimum number of candidates that must agree on another value."""
SHARE = 2 / 3
"""Minimum share of the candidates compared that must agree."""


def suspects(matrix: Matrix) -> tuple[Suspect, ...]:
    """Return the suspect examples; none if no candidate passes any example."""
    examples = [i for i, test in enumerate(matrix.tests) if test.origin == "docstring"]
    rows = [row for row in matrix.rows if matrix.candidates[row.candidate].patch is None]
    passed = {i for i in examples if any(row.outcomes[i].passed for row in rows)}
    sound = [row for row in rows if all(row.outcomes[i].passed for i in passed)]
    if not passed or len(sound) < FEWEST:
        return ()
    sources = {candidate.id: candidate.source for candidate in matrix.candidates}
    found = (_suspect(i, sound, sources) for i in examples if i not in passed)
    return tuple(suspect for suspect in found if suspect is not None)


def suspect_positions(matrix: Matrix) -> frozenset[int]:
    """Return the positions of the suspect examples in the matrix's tests."""
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
