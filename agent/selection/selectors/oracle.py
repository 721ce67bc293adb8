"""The upper bound: a candidate that passes the hidden tests, if one exists.

It needs the hidden verdicts, which no selector may see, so that it cannot rank. Reports compute it
from the verdicts.
"""

from __future__ import annotations

from agent.errors import SelectorError
from agent.selection.pool import Pool, Ranking

REFUSED = (
    "selector: oracle knows the hidden tests, and is for reports only: "
    "python -m agent.select --selector oracle --score"
)


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Raise SelectorError: a run may not use this selector."""
    raise SelectorError(REFUSED)
