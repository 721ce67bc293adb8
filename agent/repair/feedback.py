"""Feedback to the model on a failing program. The same failure gives the same text.

Nothing here depends on time, paths or addresses: the sandbox has already shortened and normalised
its evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from agent.config import RepairConfig
from agent.parsing.statements import lines_of
from agent.types import Matrix, Record, VisibleTest
from agent.visible_tests.suspects import suspect_positions
from sandbox.types import Outcome, Status

Level = Literal["verdict", "tests", "values"]


class FailedTest(Record):
    """A failing test and a one-line description of the failure; "" if the level hides it."""

    source: str
    detail: str = ""


class Feedback(Record):
    """The results of visible tests on one program, as a prompt shows them."""

    failing: tuple[FailedTest, ...] = ()
    passing: tuple[str, ...] = ()


def binding_tests(tests: Sequence[VisibleTest], stop: Literal["docstring", "all"]) -> Sequence[int]:
    """Return the positions of the tests that a program has to pass for the loop to end.

    Generated tests may be wrong. They bind only if the setting `stop` asks for them, or if the
    problem has no docstring examples.
    """
    examples = [i for i, test in enumerate(tests) if test.origin == "docstring"]
    return examples if examples and stop == "docstring" else range(len(tests))


def feedback_on(
    program: str, outcomes: tuple[Outcome, ...], matrix: Matrix, settings: RepairConfig
) -> Feedback:
    """Return feedback on a program, in the matrix or not, from its outcomes on all tests."""
    doubted = suspect_positions(matrix)
    return build_feedback(
        program, matrix.tests, outcomes, doubted, settings.tests, settings.feedback
    )


def build_feedback(
    program: str,
    tests: tuple[VisibleTest, ...],
    outcomes: tuple[Outcome, ...],
    doubted: frozenset[int],
    limit: int,
    level: Level = "values",
) -> Feedback:
    """Return feedback on a program from its row of the matrix, at most `limit` tests per kind.

    The level `verdict` says only that the program is wrong, `tests` also which tests fail and pass,
    and `values` also what happened in the failing tests. Failing docstring examples are shown.
    Suspect examples, whose positions are `doubted`, are shown only if no other example fails, and
    generated tests only if no example fails. Of the passing tests, only examples are shown.
    """
    if level == "verdict":
        return Feedback()
    pairs = tuple(zip(tests, outcomes, strict=True))
    examples = [i for i, test in enumerate(tests) if test.origin == "docstring"]
    sure = [pairs[i] for i in examples if i not in doubted]
    kinds = (sure, [pairs[i] for i in examples if i in doubted], pairs)
    failed = ([pair for pair in kind if not pair[1].passed] for kind in kinds)
    failing = next(filter(None, failed), [])
    return Feedback(
        failing=tuple(
            FailedTest(
                source=test.source, detail=describe(program, outcome) if level == "values" else ""
            )
            for test, outcome in failing[:limit]
        ),
        passing=tuple(test.source for test, outcome in sure if outcome.passed)[:limit],
    )


def describe(program: str, outcome: Outcome) -> str:
    """Return one line on an outcome; for an exception, with the program's line that raised it."""
    match outcome.status:
        case Status.WRONG_ANSWER if outcome.actual:
            return f"expected {_one_line(outcome.expected)}, got {_one_line(outcome.actual)}"
        case Status.WRONG_ANSWER:
            return "the assertion is false"
        case Status.EXCEPTION | Status.SYNTAX_ERROR:
            return f"raised {_exception(outcome)}{_at_line(program, outcome.line)}"
        case Status.TIMEOUT:
            return "did not finish in time"
        case Status.OUT_OF_MEMORY:
            return "ran out of memory"
        case Status.CRASHED:
            return "the interpreter ended before the test did"
        case Status.PASSED:
            return "passed"


def _exception(outcome: Outcome) -> str:
    return f"{outcome.exception}: {_one_line(outcome.message)}".rstrip(": ")


def _at_line(program: str, number: int | None) -> str:
    lines = lines_of(program)
    if number is None or not 1 <= number <= len(lines):
        return ""
    return f" in the line `{lines[number - 1].strip()}`"


def _one_line(text: str) -> str:
    return " ".join(text.split())
