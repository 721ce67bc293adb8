"""What a selector is: a module with a `select` function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agent.types import Choice, Row, VisibleTest


class Selector(Protocol):
    """Chooses a candidate by what the visible tests said, and by nothing else."""

    def select(self, tests: Sequence[VisibleTest], rows: Sequence[Row]) -> Choice:
        """The chosen candidate, with reasons. `rows` holds one row a candidate, oldest first."""
        ...


def passed(row: Row, tests: Sequence[VisibleTest], origin: str) -> frozenset[int]:
    """Positions of the tests of one origin that a candidate passes."""
    return frozenset(
        i
        for i, (test, outcome) in enumerate(zip(tests, row.outcomes, strict=True))
        if test.origin == origin and outcome.passed
    )
