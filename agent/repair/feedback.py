"""What a model is told of a failing program: the same failure gives the same words.

Nothing here depends on time, paths or addresses; the sandbox has cut and normalised its evidence.
"""

from __future__ import annotations

from typing import Literal

from agent.parsing.statements import lines_of
from agent.types import Record, VisibleTest
from sandbox.types import Outcome, Status

Level = Literal["verdict", "tests", "values"]


class FailedTest(Record):
    """One failing test and, in one line, what happened; nothing where that is not told."""

    source: str
    detail: str = ""


class Feedback(Record):
    """What visible tests said of one program."""

    failing: tuple[FailedTest, ...] = ()
    passing: tuple[str, ...] = ()


def build_feedback(
    program: str,
    tests: tuple[VisibleTest, ...],
    outcomes: tuple[Outcome, ...],
    doubted: frozenset[int],
    limit: int,
    level: Level = "values",
) -> Feedback:
    """Feedback on a program from its row of the matrix, at most `limit` tests of each kind.

    At the level `verdict` nothing is told but that the program is wrong, at `tests` which tests
    fail and pass, at `values` also what happened in those that fail. Failing docstring examples are
    shown; suspect ones, whose positions are `doubted`, where no other fails; generated tests where
    no example does. As passing only examples are shown.
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
    """One line on what happened, with the program's own line where an exception came from."""
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
