"""The first draft, whatever the tests say: the single shot as a selector."""

from __future__ import annotations

from collections.abc import Sequence

from agent.types import Choice, Row, VisibleTest


def select(tests: Sequence[VisibleTest], rows: Sequence[Row]) -> Choice:
    """Candidate 0."""
    return Choice(
        candidate=rows[0].candidate, selector="first", reasons=("the first draft, untested",)
    )
