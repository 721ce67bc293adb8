"""Texts that say why the loop on a problem ended."""

from __future__ import annotations

from typing import NamedTuple

from agent.types import Row, Trace


class Passed(NamedTuple):
    """Numbers of visible tests that a candidate passes, by origin."""

    examples: int
    generated: int


def visible_test_counts(trace: Trace) -> Passed:
    """Return the numbers of visible tests of a problem."""
    examples = sum(test.origin == "docstring" for test in trace.tests)
    return Passed(examples, len(trace.tests) - examples)


def passed_tests(trace: Trace, candidate: int) -> Passed:
    """Return the numbers of visible tests that a candidate passes: zeros if it was not run."""
    found = [_count(trace, row) for row in trace.rows if row.candidate == candidate]
    return found[0] if found else Passed(0, 0)


def ending(trace: Trace) -> str:
    """Return why a problem ended; after `passed`, which tests a program passed.

    A program that passes the docstring examples ends a problem. The generated tests must pass, too,
    only if the run has the setting `stop: all`, or if the problem has no examples.
    """
    if trace.stopped != "passed":
        return _WORDS.get(trace.stopped, trace.stopped)
    total = visible_test_counts(trace)
    if any(_count(trace, row) == total for row in trace.rows):
        return "passed visible"
    return "passed examples"


_WORDS = {"rounds": "rounds used up", "suspect": "all but suspects"}
"""Texts for the stop reasons of a trace that are too short to be understood."""


def _count(trace: Trace, row: Row) -> Passed:
    pairs = zip(trace.tests, row.outcomes, strict=False)
    origins = [test.origin for test, outcome in pairs if outcome.passed]
    examples = origins.count("docstring")
    return Passed(examples, len(origins) - examples)
