"""Contradicted examples: all drafts give one and the same other value for a docstring example.

Then the docstring is more likely wrong than all drafts alike, and no patch is made against such an
example. Copies of a program agree with it for no reason of their own: they count once. The rule is
stricter than that of suspect examples, which are judged after repair, and needs no other example.
"""

from __future__ import annotations

from agent.answers.programs import canonical
from agent.types import Matrix, Suspect

FEWEST = 3
"""Minimum number of distinct drafts that must agree."""


def contradicted(matrix: Matrix) -> tuple[Suspect, ...]:
    """Return the examples for which all drafts, of which three are distinct, give another value.

    The value must be the same for all.
    """
    drafts = [row for row in matrix.rows if matrix.candidates[row.candidate].origin == "draft"]
    programs = {canonical(matrix.candidates[row.candidate].source) for row in drafts}
    if len(programs) < FEWEST:
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
