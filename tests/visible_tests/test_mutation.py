"""Inputs by mutation of the docstring's examples."""

from __future__ import annotations

import ast
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.visible_tests.docstring.page import DocstringExample
from agent.visible_tests.inputs.mutation import mutate_inputs


def examples(*calls: str, setup: str = "") -> list[DocstringExample]:
    return [
        DocstringExample(call=c, expected="1", form="==", span=(0, 1), setup=setup) for c in calls
    ]


def drawn(*calls: str, count: int = 20, seed: int = 0) -> list[list[object]]:
    """Return the arguments of the mutants."""
    texts = mutate_inputs(examples(*calls), "grow", count, seed)
    return [[ast.literal_eval(value) for value in _values(text)] for text in texts]


def _values(text: str) -> list[ast.expr]:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call)
    return [*node.args, *(word.value for word in node.keywords)]


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
)
KEYS = st.integers() | st.text(max_size=3)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.sets(KEYS, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)


def source(values: list[object]) -> str:
    return f"grow({', '.join(map(repr, values))})".replace("inf", "1e999")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES).map(list), max_size=3), st.integers(0, 3))
def test_mutants_are_new_distinct_calls_of_the_same_types(
    known: list[list[object]], seed: int
) -> None:
    given_calls = examples(*map(source, known))
    mutants = mutate_inputs(given_calls, "grow", 6, seed)
    assert mutants == mutate_inputs(given_calls, "grow", 6, seed)
    assert len(set(mutants)) == len(mutants) <= 6
    assert not {ast.unparse(ast.parse(e.call)) for e in given_calls} & set(mutants)
    for text in mutants:
        kinds = [_kind(value) for value in _values(text)]
        assert all(kind in [type(row[i]) for row in known] for i, kind in enumerate(kinds))


def _kind(node: ast.expr) -> type:
    return type(eval(ast.unparse(node)))


def test_the_order_of_sets_is_the_same_in_every_process() -> None:
    text = """
from tests.visible_tests.test_mutation import examples, mutate_inputs
print(mutate_inputs(examples("grow({'a', 'b', 'c'}, {'x', 'yy'})"), "grow", 9, 1))
"""
    said = {
        subprocess.run(
            [sys.executable, "-c", text],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1


@pytest.mark.parametrize(("one", "other"), [("{1}", "[[2], [3]]"), ("()", "[{}, [1]]")])
def test_containers_of_two_types_at_one_place_do_not_share_what_they_hold(
    one: str, other: str
) -> None:
    for seed in range(9):
        assert mutate_inputs(examples(f"grow({one})", f"grow({other})"), "grow", 20, seed)


def test_keywords_keep_their_shape() -> None:
    mutants = mutate_inputs(examples("grow([1, 2], k=3)"), "grow", 9, 0)
    assert mutants
    assert all(", k=" in text for text in mutants)


def test_numbers_stay_near_what_was_seen() -> None:
    assert all(0 <= row[0] <= 28 for row in drawn("grow(10)", "grow(25)") if type(row[0]) is int)
    assert all(isinstance(row[0], int) and row[0] >= 0 for row in drawn("grow(1)", "grow(2)"))


def test_what_holds_in_all_examples_holds_in_the_mutants() -> None:
    for (value,) in drawn("grow([1, 4, 6])", "grow([2, 3])"):
        assert isinstance(value, list)
        assert value
        assert value == sorted(value)
        assert min(value) >= 0
    for (value,) in drawn("grow([[1, 2], [3, 4], [0, 0]])", "grow([[1, 2, 3], [5, 6, 7]])"):
        assert isinstance(value, list)
        assert len({len(row) for row in value}) == 1
    for (value,) in drawn("grow('()(())')", "grow('(())')"):
        assert isinstance(value, str)
        assert value.count("(") == value.count(")")
        assert set(value) == {"(", ")"}
    for (value,) in drawn("grow('12.5')", "grow('-3')"):
        assert isinstance(value, str)
        float(value)
    for one, other in drawn("grow([3, 1], 'ab')", "grow([1], 'b')"):
        assert isinstance(one, list)
        assert isinstance(other, str)
        assert len(one) == len(other)
    for items, size in drawn("grow([3, 1, 2], 3)", "grow([1], 1)"):
        assert isinstance(items, list)
        assert len(items) == size


def test_one_example_binds_less_than_two() -> None:
    assert any(value == [] for (value,) in drawn("grow([1, 2])", count=40))


@pytest.mark.parametrize(
    "call",
    ["grow()", "grow(x)", "grow(*[1])", "grow(**{'a': 1})", "other(1)", "grow(1) + 1",
     "grow(open('a'))", "grow(10 ** 5000)", "", "((", "grow(None)", "grow([])"],
)  # fmt: skip
def test_what_cannot_be_mutated_gives_none(call: str) -> None:
    assert mutate_inputs(examples(call), "grow", 5, 0) == ()


def test_examples_with_a_setup_and_no_examples_give_none() -> None:
    assert mutate_inputs(examples("grow(1)", setup="x = 1"), "grow", 5, 0) == ()
    assert mutate_inputs([], "grow", 5, 0) == ()
    assert mutate_inputs(examples("grow(1)"), "grow", 0, 0) == ()


def test_large_examples_take_no_long_time() -> None:
    calls = [f"grow({[[i] * 10] * 60})" for i in range(3)]
    started = time.process_time()
    mutate_inputs(examples(*calls, f"grow({'(' * 900 + ')' * 900!r})"), "grow", 20, 0)
    assert time.process_time() - started < 5
