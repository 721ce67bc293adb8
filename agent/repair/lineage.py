"""Lines of repair, and the programs that may still be repaired. Every strategy has these guards.

- Accept or revert: an edit that fails a docstring example which its parent passed stays in the
  pool, but is not repaired; its parent may be tried again.
- A repeated program ends a line: if a repair gives a program that some candidate already has,
  neither the repeat nor its parent is repaired again.
- So does a strategy that leaves a program unchanged, and an answer that does not define the whole
  function: changed lines, a diff, prose.
- A patch is not repaired, and does not count as a repair of its parent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from agent.answers.programs import canonical
from agent.types import Candidate, Matrix, Row

ROOT = -1
"""The problem itself, in the tree of programs: the drafts are its children."""


@dataclass(frozen=True)
class Subtree:
    """A program with all programs made from it, directly or not."""

    root: int
    """Number of the candidate, or ROOT for the tree of all candidates."""
    visits: int
    """Number of its programs; those that the guards exclude count, too."""
    value: float
    """Mean share of the visible tests that its programs pass."""


@dataclass(frozen=True)
class RepairTarget:
    """A program that may be repaired, and its test results so far."""

    candidate: Candidate
    row: Row
    examples: int
    """Number of docstring examples that it passes."""
    generated: int
    """Number of generated tests that it passes."""
    tries: int
    """Number of candidates that were made from it."""
    edited: bool
    """True if an edit of it was accepted and replaces it in its line."""
    line: tuple[Subtree, ...] = ()
    """The subtrees that hold it, from that of ROOT to its own."""

    @property
    def share(self) -> float:
        """Share of the visible tests that it passes, from 0 to 1."""
        return (self.examples + self.generated) / max(1, len(self.row.outcomes))


def repair_targets(matrix: Matrix, ended: Sequence[int]) -> tuple[RepairTarget, ...]:
    """Return the programs that the guards allow a round to repair, oldest first.

    `ended` are candidates for which a repair gave no new program.
    """
    again = repeated(matrix)
    written = [c for c in matrix.candidates if c.patch is None]
    patches = {c.id for c in matrix.candidates if c.patch is not None}
    lost = {c.id for c in written if is_rejected(c, matrix)}
    over = {*again, *lost, *ended, *patches, *(c.parent for c in written if c.id in again)}
    tries = Counter(c.parent for c in written)
    edited = {c.parent for c in written if c.id not in lost}
    trees = _subtrees(matrix)
    return tuple(
        RepairTarget(
            candidate=candidate,
            row=row,
            examples=_passed(matrix, row, "docstring"),
            generated=_passed(matrix, row, "generated"),
            tries=tries[candidate.id],
            edited=candidate.id in edited,
            line=tuple(trees[i] for i in (ROOT, *reversed(ancestors(candidate, matrix)))),
        )
        for candidate, row in zip(matrix.candidates, matrix.rows, strict=True)
        if candidate.id not in over
    )


def repeated(matrix: Matrix) -> frozenset[int]:
    """Return candidates that repeat an earlier one, up to layout and comments; no patches."""
    first: dict[str, int] = {}
    written = [candidate for candidate in matrix.candidates if candidate.patch is None]
    for candidate in written:
        first.setdefault(canonical(candidate.source), candidate.id)
    return frozenset(c.id for c in written) - frozenset(first.values())


def is_rejected(candidate: Candidate, matrix: Matrix) -> bool:
    """Whether a candidate fails a docstring example that its parent passes."""
    if candidate.parent is None:
        return False
    before, after = (matrix.rows[i].outcomes for i in (candidate.parent, candidate.id))
    return any(
        test.origin == "docstring" and was.passed and not now.passed
        for test, was, now in zip(matrix.tests, before, after, strict=True)
    )


def ancestors(candidate: Candidate, matrix: Matrix) -> tuple[int, ...]:
    """Return the ids of a candidate, its parent, and so on up to the draft."""
    line = [candidate.id]
    while (parent := matrix.candidates[line[-1]].parent) is not None:
        line.append(parent)
    return tuple(line)


def _subtrees(matrix: Matrix) -> dict[int, Subtree]:
    """Return all subtrees: the share of each program but patches is backed up along its parents."""
    shares: dict[int, list[float]] = {}
    for candidate, row in zip(matrix.candidates, matrix.rows, strict=True):
        for number in (ROOT, *ancestors(candidate, matrix)) if candidate.patch is None else ():
            shares.setdefault(number, []).append(_share(row))
    return {number: Subtree(number, len(all_), fmean(all_)) for number, all_ in shares.items()}


def _share(row: Row) -> float:
    return sum(outcome.passed for outcome in row.outcomes) / max(1, len(row.outcomes))


def _passed(matrix: Matrix, row: Row, origin: str) -> int:
    pairs = zip(matrix.tests, row.outcomes, strict=True)
    return sum(test.origin == origin and outcome.passed for test, outcome in pairs)
