"""Contradicted examples: all drafts give one and the same other value for a docstring example.

Then the docstring is more likely wrong than all drafts alike, and no patch is made against such an
example. The rule is stricter than that of suspect examples, which are judged after repair, and it
needs no other example.
"""

from __future__ import annotations

from agent.types import Matrix, Suspect

FEWEST = 3
"""Minimum number of drafts that must agree."""


def contradicted(matrix: Matrix) -> tuple[Suspect, ...]:
    """Return the examples for which at least three drafts, and all, give the same other value."""
    drafts = [row for row in matrix.rows if matrix.candidates[row.candidate].origin == "draft"]
    if len(drafts) < FEWEST:
        return ()
    found = []
    for position, test in enumerate(matrix.tests):
        outcomes = [row.outcomes[position] for row in drafts]
        values = {outcome.value for outcome in outcomes}
        if test.origin != "docstring" or any(o.passed for o in outcomes) or len(values) > 1:
            continue
        if value := values.pop():
            found.append(Suspect(test=position, value=value, agreed=len(drafts), asked=len(drafts)))
    return tuple(found)
