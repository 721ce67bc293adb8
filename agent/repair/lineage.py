"""Lines of repair: which programs may still be built on. The same guards hold for every strategy.

- Accept or revert: an edit that loses a docstring example that its parent passed stays in the pool,
  and is not built on; its parent may be tried again.
- The same program twice ends a line: where a repair gives back what some candidate had already
  written, neither the repeat nor its parent is repaired any further.
- So does a strategy that leaves a program as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.answers.programs import canonical
from agent.types import Candidate, Matrix, Row


@dataclass(frozen=True)
class RepairTarget:
    """A program that may be repaired, and what speaks for it."""

    candidate: Candidate
    row: Row
    examples: int
    """Docstring examples that it passes."""
    generated: int
    """Generated tests that it passes."""
    tries: int
    """How often it was repaired."""
    edited: bool
    """Whether an edit of it was accepted, and stands in its place."""

    @property
    def share(self) -> float:
        """Share of the visible tests that it passes."""
        return (self.examples + self.generated) / max(1, len(self.row.outcomes))


def repair_targets(matrix: Matrix, ended: Sequence[int]) -> tuple[RepairTarget, ...]:
    """The programs that the guards let a round work on, oldest first.

    `ended` are candidates that a strategy left as they are.
    """
    again = repeated(matrix)
    lost = {c.id for c in matrix.candidates if is_rejected(c, matrix)}
    over = {*again, *lost, *ended, *(c.parent for c in matrix.candidates if c.id in again)}
    tries = Counter(c.parent for c in matrix.candidates)
    edited = {c.parent for c in matrix.candidates if c.id not in lost}
    return tuple(
        RepairTarget(
            candidate=candidate,
            row=row,
            examples=_passed(matrix, row, "docstring"),
            generated=_passed(matrix, row, "generated"),
            tries=tries[candidate.id],
            edited=candidate.id in edited,
        )
        for candidate, row in zip(matrix.candidates, matrix.rows, strict=True)
        if candidate.id not in over
    )


def repeated(matrix: Matrix) -> frozenset[int]:
    """Candidates whose program an earlier one had already written, layout and comments aside."""
    first: dict[str, int] = {}
    for candidate in matrix.candidates:
        first.setdefault(canonical(candidate.source), candidate.id)
    return frozenset(c.id for c in matrix.candidates) - frozenset(first.values())


def is_rejected(candidate: Candidate, matrix: Matrix) -> bool:
    """Whether a candidate loses a docstring example that its parent passes."""
    if candidate.parent is None:
        return False
    before, after = (matrix.rows[i].outcomes for i in (candidate.parent, candidate.id))
    return any(
        test.origin == "docstring" and was.passed and not now.passed
        for test, was, now in zip(matrix.tests, before, after, strict=True)
    )


def ancestors(candidate: Candidate, matrix: Matrix) -> tuple[int, ...]:
    """A candidate's line: itself, its parent, and so on to the draft."""
    line = [candidate.id]
    while (parent := matrix.candidates[line[-1]].parent) is not None:
        line.append(parent)
    return tuple(line)


def _passed(matrix: Matrix, row: Row, origin: str) -> int:
    pairs = zip(matrix.tests, row.outcomes, strict=True)
    return sum(test.origin == origin and outcome.passed for test, outcome in pairs)
