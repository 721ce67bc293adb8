"""Comparison of values by EvalPlus' rules, and their way through JSON."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.evaluation.evalplus import cases
from agent.evaluation.evalplus.inputs import python_inputs

ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.complex_numbers(allow_nan=False),
)
HASHABLE = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=5)
DATA = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(HASHABLE, max_size=3),
        st.sets(HASHABLE, max_size=3),
        st.dictionaries(HASHABLE, inner, max_size=3),
    ),
    max_leaves=10,
)
NUMBERS = st.one_of(st.integers(-3, 3), st.floats(-1e3, 1e3), st.just(math.inf), st.just(math.nan))


def agrees(got: Any, expected: Any, tolerance: float = 0.0) -> bool:
    return cases.agrees(got, expected, [], tolerance)


@given(DATA)
def test_data_survive_json(value: Any) -> None:
    told = json.loads(json.dumps(cases.plain_json(value)))
    assert repr(cases.from_json(told)) == repr(cases.from_json(cases.plain_json(value)))
    assert cases.from_json(told) == value


@given(st.text())
def test_a_packed_text_is_unpacked(text: str) -> None:
    text = json.dumps(text)
    assert cases.unpack(cases.pack(text)) == text


def test_values_that_look_like_marks_and_huge_numbers_survive() -> None:
    for value in (1 << 20000, -(1 << 20000), {"large": 1}, {"int": "0x1"}):
        assert cases.from_json(json.loads(json.dumps(cases.plain_json(value)))) == value


@pytest.mark.parametrize("value", [object(), iter([1]), [map(int, [1])], {1: lambda: 0}])
def test_what_is_not_data_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be compared"):
        cases.plain_json(value)


@given(st.lists(NUMBERS, max_size=4), st.lists(NUMBERS, max_size=4), st.sampled_from([1e-6, 0.5]))
def test_closeness_is_numpys(got: list[float], expected: list[float], tolerance: float) -> None:
    if len(got) == len(expected):
        close = bool(np.allclose(got, expected, rtol=1e-7, atol=tolerance))
        assert cases.is_close(got, expected, tolerance) == close


@pytest.mark.parametrize(
    ("got", "expected", "tolerance", "accepted"),
    [
        (0.1 + 0.2, 0.3, 0.0, True),
        (0.3 + 1e-5, 0.3, 0.0, False),
        ([0.1 + 0.2], [0.3], 0.0, True),
        ((0.1 + 0.2,), [0.3], 0.0, False),
        ([0.1 + 0.2, 1], [0.3, 1], 0.0, False),  # not all floats: compared exactly
        ([0.1 + 0.2, 1], [0.3, 1], 1e-4, True),
        ([[1.0, 2.00001]], [[1.0, 2.0]], 1e-4, True),
        ([1.0], [1.0, 1.0], 1e-4, False),
        (1, 1.0, 0.0, True),
        (True, 1, 0.0, True),
        (2, 1.9999999, 1e-4, False),  # another type
        ("a", "b", 1e-4, False),
        (None, 0.0, 0.0, False),
        ({1, 2}, {2, 1}, 0.0, True),
    ],
)
def test_values_are_compared_as_evalplus_does(
    got: Any, expected: Any, tolerance: float, accepted: bool
) -> None:
    assert agrees(got, expected, tolerance) is accepted


@given(
    st.one_of(
        st.lists(
            st.one_of(st.integers(), st.booleans(), st.text(), st.floats(allow_nan=False)),
            min_size=1,
        )
    )
)
def test_a_large_value_matches_equal_values_only(value: list[Any]) -> None:
    mark = cases.large(value)
    same = [int(v) if type(v) is bool else v for v in value]
    assert agrees(value, mark)
    assert agrees(same, mark)
    assert not agrees([*value, 0], mark)
    assert not agrees(tuple(value), mark)


@given(DATA, DATA)
def test_equal_data_have_equal_hashes(first: Any, second: Any) -> None:
    assert (cases.digest(first) == cases.digest(second)) == (first == second)
    assert cases.digest([1, 2.5, 0]) == cases.digest([1 + 0j, 2.5 + 0j, -0.0])


def test_only_large_values_without_tolerance_are_hashed() -> None:
    def told(value: Any, tolerance: float = 0.0) -> Any:
        packed = cases.reference_values(lambda: value, "[[]]", "agrees", tolerance)
        return json.loads(cases.unpack(packed))["values"][0]

    numbers = list(range(2000))
    assert set(told(numbers)) == {"large"}
    assert set(told({"a": ["b" * 501]})) == {"large"}
    assert told(numbers, 1e-4) == numbers
    floats = [float(number) for number in numbers]
    assert told(floats) == floats


def test_objects_of_subclasses_are_compared_as_their_bases() -> None:
    assert cases.from_json(cases.plain_json(Counter("aab"))) == {"a": 2, "b": 1}
    assert agrees({"a": 2}, cases.from_json(cases.plain_json(Counter("aa"))))


@pytest.mark.parametrize(
    ("oracle", "got", "expected", "arguments", "accepted"),
    [
        ("same_set", [3, 1, 3], (1, 3), [], True),
        ("same_set", [3], (1, 3), [], False),
        ("not_none", "a match", True, [], True),
        ("not_none", None, True, [], False),
        ("not_none", False, False, [], True),
        ("anything", 7, 8, [], True),
        ("or_zero", 0, 5, [], True),
        ("or_zero", 1, 5, [], False),
        ("pyramid", 33, 0, [3, 4], False),
        ("pyramid", 35, 0, [3, 4], True),  # 9 + 6 * sqrt(1.5**2 + 16) = 34.6
        ("digit_distance", 4, 0, [23, 114], False),  # 023 and 114: 1 + 1 + 1
        ("digit_distance", 3, 0, [23, 114], True),
        ("is_root", 2.0, 0.0, [[-2, 1]], True),
        ("is_root", 2.1, 0.0, [[-2, 1]], False),
    ],
)
def test_special_oracles(
    oracle: str, got: Any, expected: Any, arguments: list[Any], accepted: bool
) -> None:
    accepts = getattr(cases, oracle)
    assert accepts(got, expected, arguments, 1e-4 if oracle == "is_root" else 0) is accepted


def test_inputs_of_mbpp_plus_get_their_types() -> None:
    assert python_inputs("Mbpp/2", [[[1], [2]]]) == [[(1,), (2,)]]
    assert python_inputs("Mbpp/124", [["1.0", "2j"]]) == [[1.0, 2j]]
    assert python_inputs("Mbpp/307", [[[1, 2], 3, [4]]]) == [[(1, 2), 3, [4]]]
    assert python_inputs("Mbpp/580", [[[1, [2]]]]) == [[(1, (2,))]]
    assert python_inputs("Own/1", [[[1, [2]]]]) == [[[1, [2]]]]
