"""The tests that ended a problem, in words."""

from __future__ import annotations

from typing import NamedTuple

from agent.types import Row, Trace


class Passed(NamedTuple):
    """Visible tests that a candidate passes, by their origin."""

    examples: int
    generated: int


def totals(trace: Trace) -> Passed:
    """Return how many visible tests there are."""
    examples = sum(test.origin == "docstring" for test in trace.tests)
    return Passed(examples, len(trace.tests) - examples)


def passed_tests(trace: Trace, candidate: int) -> Passed:
    """Return how many visible tests a candidate passes; none if it was not run."""
    found = [_count(trace, row) for row in trace.rows if row.candidate == candidate]
    return found[0] if found else Passed(0, 0)


def ending(trace: Trace) -> str:
    """Return why a problem ended: `passed` is followed by the tests that a program passed.

    Docstring examples end a problem, and generated tests do not need to pass then, unless the run
    was told so (`stop: all`) or there are no examples.
    """
    if trace.stopped != "passed":
        return _WORDS.get(trace.stopped, trace.stopped)
    whole = totals(trace)
    if any(_count(trace, row) == whole for row in trace.rows):
        return "passed all tests"
    return "passed examples"


_WORDS = {"rounds": "rounds used up", "suspect": "all but suspects"}
"""More than a trace's own word, where that alone says too little."""


def _count(trace: Trace, row: Row) -> Passed:
    pairs = zip(trace.tests, row.outcomes, strict=False)
    origins = [test.origin for test, outcome in pairs if outcome.passed]
    examples = origins.count("docstring")
    return Passed(examples, len(origins) - examples)
