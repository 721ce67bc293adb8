"""Docstring examples as a filter, then CodeT's dual agreement, then the earliest.

Examples in the docstring come from whoever posed the problem, so they are no votes among others:
only the candidates that pass the most of them are left. Among those, the consensus of Chen et al.,
CodeT: Code Generation with Generated Tests (ICLR 2023): candidates that pass exactly the same
generated tests form a consensus set S with its tests T, scored sqrt(|S|) * |T|, each test counted
as often as the model wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from agent.select.base import passed
from agent.types import Choice, Row, VisibleTest


def select(tests: Sequence[VisibleTest], rows: Sequence[Row]) -> Choice:
    """The earliest member of the best consensus set among those that pass the most examples."""
    examples = {row.candidate: len(passed(row, tests, "docstring")) for row in rows}
    most = max(examples.values())
    survivors = [row for row in rows if examples[row.candidate] == most]
    total = sum(test.origin == "docstring" for test in tests)
    reasons = [f"{len(survivors)} of {len(rows)} candidates pass {most} of {total} examples"]

    sets: dict[frozenset[int], list[int]] = {}
    for row in survivors:
        sets.setdefault(passed(row, tests, "generated"), []).append(row.candidate)
    agreed, members = max(sets.items(), key=lambda pair: (_score(tests, *pair), -min(pair[1])))
    if agreed:
        weight = sum(tests[i].count for i in agreed)
        reasons.append(
            f"consensus of {len(members)} on {weight} generated tests: "
            f"score {_score(tests, agreed, members):.3f}, best of {len(sets)}"
        )
    else:
        reasons.append("no generated test tells them apart")
    reasons.append(f"candidate {min(members)} is the earliest of {len(members)}")
    return Choice(candidate=min(members), selector="tiered", reasons=tuple(reasons))


def _score(tests: Sequence[VisibleTest], agreed: frozenset[int], members: list[int]) -> float:
    return sqrt(len(members)) * sum(tests[i].count for i in agreed)
