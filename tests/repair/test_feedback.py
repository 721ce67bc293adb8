from __future__ import annotations

from typing import Literal

import pytest

from agent.repair.feedback import FailedTest, Feedback, build_feedback, describe
from agent.types import VisibleTest
from sandbox.types import Outcome, Status

PROGRAM = "def f(x):\n    return x[3]\n"
PASSED = Outcome(Status.PASSED)
WRONG = Outcome(Status.WRONG_ANSWER, expected="1", actual="2")


def visible(source: str, origin: Literal["docstring", "generated"] = "docstring") -> VisibleTest:
    return VisibleTest(source=source, origin=origin, form=">>>")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (WRONG, "expected 1, got 2"),
        (Outcome(Status.WRONG_ANSWER), "the assertion is false"),
        (
            Outcome(Status.EXCEPTION, exception="IndexError", message="out\nof range", line=2),
            "raised IndexError: out of range in the line `return x[3]`",
        ),
        (Outcome(Status.EXCEPTION, exception="KeyError", line=99), "raised KeyError"),
        (
            Outcome(Status.SYNTAX_ERROR, exception="SyntaxError", message="bad", line=1),
            "raised SyntaxError: bad in the line `def f(x):`",
        ),
        (Outcome(Status.TIMEOUT), "did not finish in time"),
        (Outcome(Status.OUT_OF_MEMORY), "ran out of memory"),
        (Outcome(Status.CRASHED, message="signal 11"), "the interpreter ended before the test did"),
    ],
)
def test_one_line_says_what_happened(outcome: Outcome, words: str) -> None:
    assert describe(PROGRAM, outcome) == words


def test_lines_are_counted_as_python_counts_them() -> None:
    program = "a = '\x0c\u2028'\nb = 1\nraise E"
    outcome = Outcome(Status.EXCEPTION, exception="E", line=3)
    assert describe(program, outcome) == "raised E in the line `raise E`"


def test_generated_tests_are_shown_only_where_every_example_passes() -> None:
    tests = (visible("a"), visible("b"), visible("g", "generated"))
    failing = build_feedback(PROGRAM, tests, (PASSED, WRONG, WRONG), frozenset(), 9)
    assert [test.source for test in failing.failing] == ["b"]
    assert failing.passing == ("a",)
    doubtful = build_feedback(PROGRAM, tests, (PASSED, PASSED, WRONG), frozenset(), 9)
    assert [test.source for test in doubtful.failing] == ["g"]
    assert doubtful.passing == ("a", "b")


def test_a_suspect_example_is_shown_where_no_other_fails() -> None:
    tests = (visible("suspect"), visible("a"), visible("g", "generated"))
    doubted = frozenset({0})
    feedback = build_feedback(PROGRAM, tests, (WRONG, WRONG, WRONG), doubted, 9)
    assert [test.source for test in feedback.failing] == ["a"]
    alone = build_feedback(PROGRAM, tests, (WRONG, PASSED, WRONG), doubted, 9)
    assert [test.source for test in alone.failing] == ["suspect"]
    assert alone.passing == ("a",)


def test_the_level_says_how_much_is_told() -> None:
    tests = (visible("a"), visible("b"))
    row = (PASSED, WRONG)
    assert build_feedback(PROGRAM, tests, row, frozenset(), 9, "verdict") == Feedback()
    named = build_feedback(PROGRAM, tests, row, frozenset(), 9, "tests")
    assert named == Feedback(failing=(FailedTest(source="b"),), passing=("a",))
    full = build_feedback(PROGRAM, tests, row, frozenset(), 9, "values")
    assert [test.detail for test in full.failing] == ["expected 1, got 2"]


def test_the_limit_holds_for_both_kinds() -> None:
    tests = tuple(visible(str(i)) for i in range(8))
    feedback = build_feedback(PROGRAM, tests, (PASSED,) * 4 + (WRONG,) * 4, frozenset(), 3)
    assert feedback.passing == ("0", "1", "2")
    assert [test.source for test in feedback.failing] == ["4", "5", "6"]
