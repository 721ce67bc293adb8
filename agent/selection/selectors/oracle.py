"""The upper bound: a candidate that passes the hidden tests, where there is one.

It knows what no selector may know, so that it ranks nothing: reports work it out from the verdicts.
"""

from __future__ import annotations

from agent.errors import SelectorError
from agent.selection.pool import Pool, Ranking

REFUSED = (
    "selector: oracle knows the hidden tests, and is for reports only: "
    "python -m agent.select --selector oracle --score"
)


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Refuses. Raises SelectorError."""
    raise SelectorError(REFUSED)
