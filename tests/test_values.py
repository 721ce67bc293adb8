"""Texts of equal values become one; others stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.values import canonical_value, value_of
from sandbox.types import Outcome, Status


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1", "1.0"),
        ("True", "1"),
        ("[1, 2.0]", "[1.0, 2]"),
        ("0.30000000000000004", "0.3"),
        ("{3, 1, 2}", "{1, 2, 3}"),
        ("{'b': 1, 'a': [2]}", "{'a': [2], 'b': 1}"),
        ("(1,)", "(1.0,)"),
    ],
)
def test_equal_values_have_one_text(left: str, right: str) -> None:
    assert canonical_value(left) == canonical_value(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("[1, 2]", "(1, 2)"),
        ("'1'", "1"),
        ("{}", "set()"),
        ("0.1", "0.2"),
        ("None", "'None'"),
        ("[1, 2]", "[2, 1]"),
        ("<object A>", "<object B>"),
        ("b'a'", "'a'"),
    ],
)
def test_unequal_values_stay_apart(left: str, right: str) -> None:
    assert canonical_value(left) != canonical_value(right)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_any_value_has_a_text_and_that_text_is_its_own(value: object) -> None:
    text = canonical_value(repr(value))
    assert canonical_value(text) == text


@given(st.text(max_size=60))
def test_any_text_is_taken(text: str) -> None:
    assert isinstance(canonical_value(text), str)


def test_only_an_outcome_that_passed_has_a_value() -> None:
    assert value_of(Outcome(Status.PASSED, actual="1.0")) == "1"
    assert value_of(Outcome(Status.EXCEPTION, exception="ValueError")) is None
    assert value_of(Outcome(Status.TIMEOUT)) is None
