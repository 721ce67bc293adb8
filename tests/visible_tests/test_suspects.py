"""Suspect docstring examples, in contrast to examples that are merely hard."""

from __future__ import annotations

from agent.types import Candidate, Matrix, Row, VisibleTest
from agent.visible_tests.suspects import suspects
from sandbox.types import Outcome, Status

PASSED = Outcome(Status.PASSED)


def wrong(actual: str) -> Outcome:
    return Outcome(Status.WRONG_ANSWER, expected="0", actual=actual, value=actual)


def matrix(*rows: tuple[Outcome, ...], same: bool = False) -> Matrix:
    """Build a matrix of docstring examples; its programs differ, unless `same` is true."""
    tests = tuple(
        VisibleTest(source=f"e{i}", origin="docstring", form=">>>") for i in range(len(rows[0]))
    )
    sources = [f"def f():\n    return {0 if same else i}" for i in range(len(rows))]
    return Matrix(
        tuple(Candidate(id=i, source=source) for i, source in enumerate(sources)),
        tests,
        tuple(Row(candidate=i, outcomes=row) for i, row in enumerate(rows)),
    )


def test_an_example_that_all_fail_alike_is_suspect() -> None:
    (found,) = suspects(matrix(*[(PASSED, wrong("8"))] * 4))
    assert (found.test, found.value, found.agreed, found.asked) == (1, "8", 4, 4)


def test_one_that_a_candidate_passes_is_not() -> None:
    assert suspects(matrix(*[(PASSED, wrong("8"))] * 4, (wrong("1"), PASSED))) == ()


def test_failing_in_different_ways_is_no_agreement() -> None:
    assert suspects(matrix(*[(PASSED, wrong(str(i))) for i in range(4)])) == ()
    fails = Outcome(Status.EXCEPTION, exception="ValueError")
    assert suspects(matrix(*[(PASSED, fails)] * 4)) == ()
    no_data = Outcome(Status.WRONG_ANSWER, expected="0", actual="<generator object>")
    assert suspects(matrix(*[(PASSED, no_data)] * 4)) == ()


def test_two_programs_are_too_few_and_one_program_many_times_is_one() -> None:
    assert suspects(matrix(*[(PASSED, wrong("8"))] * 2)) == ()
    assert suspects(matrix(*[(PASSED, wrong("8"))] * 5, same=True)) == ()


def test_four_of_six_are_enough_and_three_of_five_are_not() -> None:
    agreeing, other = (PASSED, wrong("8")), [(PASSED, wrong("1")), (PASSED, wrong("2"))]
    assert suspects(matrix(*[agreeing] * 4, *other))
    assert suspects(matrix(*[agreeing] * 3, *other)) == ()


def test_only_those_that_pass_the_rest_are_asked() -> None:
    good, bad = (PASSED, wrong("8")), (wrong("1"), wrong("9"))
    (found,) = suspects(matrix(good, bad, good, bad, good, bad))
    assert (found.agreed, found.asked) == (3, 3)


def test_where_nothing_is_passed_nothing_is_known() -> None:
    assert suspects(matrix(*[(wrong("8"), wrong("8"))] * 5)) == ()


def test_a_generated_test_is_never_suspect() -> None:
    of = matrix(*[(PASSED, wrong("8"))] * 4)
    generated = of.tests[1].model_copy(update={"origin": "generated"})
    assert suspects(Matrix(of.candidates, (of.tests[0], generated), of.rows)) == ()
