"""Canonical texts: equal data have one text, different data another, other objects have none."""

from __future__ import annotations

import datetime
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.judge.canonical import canonical

LIMIT = 400


@pytest.mark.parametrize(
    "same",
    [
        (1, 1.0, True, Decimal(1), Fraction(1), 1 + 0j),
        (0.5, Fraction(1, 2), Decimal("0.50")),
        ([1, 2.0], [True, 2]),
        (0.1 + 0.2, 0.3),
        (2**70, float(2**70), Fraction(2**70)),
        (Decimal("0.1"), Decimal("0.10"), Fraction(1, 10)),
        (10**30 + 1, Fraction(10**30 + 1), Decimal(10**30 + 1)),
        (1e12 + 0.0001, 1e12),
        (range(10**30), range(10**30)),
        ({3, 1, 2}, frozenset([2, 1, 3]), {1: 0, 2: 0, 3: 0}.keys()),
        (frozenset([8, 0, 16, 24]), frozenset([24, 16, 0, 8])),
        ({"b": 1, "a": [2]}, OrderedDict(a=[2], b=1), defaultdict(int, b=1, a=[2])),
        (Counter("ab"), Counter("ba"), {"a": 1, "b": 1}),
        ([nan, 1.0], [nan, 1]),
        (b"a", bytearray(b"a")),
        (range(0), range(5, 5), range(3, 1)),
        (range(0, 5, 2), range(0, 6, 2)),
    ],
)
def test_equal_data_have_one_text(same: tuple[object, ...]) -> None:
    assert len({canonical(value, LIMIT) for value in same}) == 1
    assert canonical(same[0], LIMIT)


@pytest.mark.parametrize(
    "different",
    [
        ([1, 2], (1, 2), [2, 1], deque([1, 2])),
        ("1", 1, b"1"),
        ({}, set(), [], (), None, "None", ""),
        (0.1, 0.2, 0.1000000001),
        ((1,), 1, [1]),
        (inf, -inf, nan, "inf"),
        (1j, 1, 1 + 1j),
        (range(3), [0, 1, 2], range(4)),
        (datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1)),
        (int, "<class 'int'>", float),
        ({1: 2}, {2: 1}, {1, 2}),
        (["a, b"], ["a", "b"]),
        (Fraction(1, 3), 1 / 3),
        (2**70, 2**70 + 1),
        (Decimal("1E-9999999"), 0, Decimal("1E+9999999"), Decimal("Infinity")),
        (Decimal("1." + "0" * 40 + "1"), Decimal("1." + "0" * 40 + "2")),
        (range(10**5000, 10**5000 + 1), Fraction(10**5000, 3), Fraction(1, 10**5000)),
    ],
)
def test_different_data_have_different_texts(different: tuple[object, ...]) -> None:
    assert len({canonical(value, LIMIT) for value in different}) == len(different)


def endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def shared(depth: int) -> list[Any]:
    """Return a list that holds 2 ** `depth` lists as a tree, but only `depth` + 1 in memory."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value, value]
    return value


def deep(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


class Own:
    pass


NOT_DATA = [object(), iter([1]), (i for i in [1]), len, [object()], {1: len}, Own, [Own]]
TOO_MUCH = [endless(), shared(60), deep(5000), [0] * 100_001]


@pytest.mark.parametrize("value", [*NOT_DATA, *TOO_MUCH], ids=lambda value: type(value).__name__)
def test_other_objects_and_too_much_data_have_no_text(value: object) -> None:
    assert canonical(value, LIMIT) == ""


def test_a_long_text_is_cut_but_differs_for_different_data() -> None:
    one, two = canonical("y" * 999 + "1", 50), canonical("y" * 999 + "2", 50)
    assert (len(one), len(two)) == (50, 50)
    assert one != two
    assert canonical(10**5000, LIMIT) != canonical(10**5000 + 1, LIMIT)
    assert canonical("\ud800" * 500, LIMIT)


NUMBERS = st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, 1.0, 2.0, -3.0])
DATA = st.recursive(
    st.none() | NUMBERS | st.text("ab'", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text("ab", max_size=2) | NUMBERS, inner, max_size=3)
        | st.frozensets(NUMBERS, max_size=3)
    ),
    max_leaves=6,
)


@given(DATA, DATA)
def test_texts_are_equal_exactly_if_the_data_are(left: object, right: object) -> None:
    assert (canonical(left, LIMIT) == canonical(right, LIMIT)) == (left == right)
