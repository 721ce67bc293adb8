"""Removal of generated tests that do-nothing programs pass."""

from __future__ import annotations

from agent.types import VisibleTest
from agent.visible_tests.trivial import do_nothing, says_something
from sandbox.types import Outcome, Status

PASSED, FAILED = Outcome(Status.PASSED), Outcome(Status.WRONG_ANSWER)


def generated(source: str) -> VisibleTest:
    return VisibleTest(source=source, origin="generated", form="assert")


def test_the_programs_take_anything_and_give_nothing() -> None:
    given = []
    for source in do_nothing("grow"):
        names: dict[str, object] = {}
        exec(source, names)  # noqa: S102 - our own two lines
        grow = names["grow"]
        assert callable(grow)
        given.append(grow(1, [2], size=3))
    nothing, something = given
    assert nothing is None
    assert something not in (None, 0, "", [])


def test_only_what_all_of_them_pass_is_dropped() -> None:
    tests = [generated(source) for source in ("always", "none", "object", "never")]
    rows = [[PASSED, PASSED, FAILED, FAILED], [PASSED, FAILED, PASSED, FAILED]]
    kept = says_something(tests, rows)
    assert [test.source for test in kept] == ["none", "object", "never"]


def test_a_docstring_example_stays() -> None:
    shown = VisibleTest(source="assert grow(0) != 1", origin="docstring", form="!=")
    assert says_something([shown], [[PASSED], [PASSED]]) == (shown,)
