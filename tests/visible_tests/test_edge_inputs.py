"""Edge inputs: their determinism, types and shape, and calls made from annotations."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.types import Problem
from agent.visible_tests.inputs.edge_inputs import edge_inputs
from agent.visible_tests.inputs.edge_values import MAX_EDGES, edge_values
from tests.visible_tests.test_mutation import VALUES, source


def problem(*calls: str, header: str = "def grow(*args, **kwargs):") -> Problem:
    """Return a problem with these calls as examples."""
    examples = "".join(f"    >>> {call}\n    1\n" for call in calls)
    prompt = f'{header}\n    """Grow.\n\n{examples}    """\n'
    return Problem(task_id="Own/0", prompt=prompt, entry_point="grow")


def arguments(call: str) -> list[Any]:
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    values = (*node.args, *(word.value for word in node.keywords))
    return [eval(ast.unparse(value)) for value in values]


def drawn(*calls: str, count: int = 30) -> list[Any]:
    """Return the first argument of each edge input."""
    return [arguments(call)[0] for call in edge_inputs(problem(*calls), count)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES).map(list), max_size=3))
def test_edge_inputs_are_new_distinct_calls_of_the_same_types(known: list[list[Any]]) -> None:
    asked = problem(*map(source, known))
    made = edge_inputs(asked, 12)
    assert made == edge_inputs(asked, 12)
    assert made == edge_inputs(asked, 30)[:12]
    assert len(set(made)) == len(made) <= 12
    for call in made:
        values = arguments(call)
        assert values not in known or repr(values) not in map(repr, known)
        for position, value in enumerate(values):
            assert type(value) in [type(row[position]) for row in known]


@given(VALUES)
def test_edge_values_keep_the_type_and_the_length_of_tuples(value: object) -> None:
    found = edge_values(value)
    assert len(found) <= MAX_EDGES
    assert all(type(each) is type(value) for each in found)
    if isinstance(value, tuple):
        assert all(len(each) == len(value) for each in found)


def test_the_order_of_sets_is_the_same_in_every_process() -> None:
    text = """
from tests.visible_tests.test_edge_inputs import edge_inputs, problem
print(edge_inputs(problem("grow({'a', 'b', 'c'}, {'x', 'yy'})"), 20))
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


def test_edge_cases_of_common_types() -> None:
    assert {0, 1, -1, 100, 1000} <= {*drawn("grow(7)")}
    assert {0.0, -1.0, 2.5 + 0.5} <= {*drawn("grow(2.5)")}
    assert {"", "A", "aB", "AbAb"} <= {*drawn("grow('Ab')")}
    lists = drawn("grow([3, 1])")
    assert all(each in lists for each in ([], [3], [3, 3, 1, 1], [0, 0], [-3, -1], [3, 3, 3]))
    pairs = drawn("grow({'A': 2})")
    assert all(each in pairs for each in ({}, {"A": 0}, {"a": 2}, {"": 2}))


def test_edge_inputs_keep_what_the_examples_share() -> None:
    for value in drawn("grow([1, 4, 6])", "grow([2, 3])"):
        assert value == sorted(value)
    for value in drawn("grow([[1, 2], [3, 4]])", "grow([[1, 2, 3], [5, 6, 7]])"):
        assert len({len(row) for row in value}) <= 1
    for value in drawn("grow('()(())')", "grow('(())')"):
        assert value.count("(") == value.count(")")
    for value in drawn("grow('abc')", "grow('ba')"):
        assert {*value} <= {*"abc"}
    for value in drawn("grow([4, 1])", "grow([2, 3, 1])"):
        assert value
        assert min(value) >= 0
    for call in edge_inputs(problem("grow([3, 1], 'ab')", "grow([1], 'b')"), 30):
        one, other = arguments(call)
        assert len(one) == len(other)


def test_keywords_and_all_arguments_at_once() -> None:
    made = edge_inputs(problem("grow([1, 2], k=3)"), 30)
    assert all(", k=" in call for call in made)
    assert made[:3] == ("grow([], k=3)", "grow([1, 2], k=0)", "grow([], k=0)")


@pytest.mark.parametrize(
    ("header", "first"),
    [("def grow(n: int, s: str) -> int:", "grow(0, 'Hello world')"),
     ("def grow(rows: List[List[float]], sep=','):", "grow([])"),
     ("def grow(pair: tuple[int, bool]) -> bool:", "grow((0, False))")],
)  # fmt: skip
def test_without_examples_annotations_give_the_types(header: str, first: str) -> None:
    assert edge_inputs(problem(header=header), 30)[0] == first


@pytest.mark.parametrize(
    "header",
    ["def grow(n):", "def grow():", "def grow(n: int, s):", "def grow(n: Node):",
     "def grow(n: list):", "def grow(n: dict[str, int]):", "def grow(n: int, /):",
     "def other(n: int):", "def grow(n: int:"],
)  # fmt: skip
def test_without_examples_and_plain_types_there_are_none(header: str) -> None:
    assert edge_inputs(problem(header=header), 30) == ()


@pytest.mark.parametrize("call", ["grow()", "grow(None)", "grow(10 ** 5000)"])
def test_examples_without_edge_cases_give_none(call: str) -> None:
    assert edge_inputs(problem(call, header="def grow(n: int):"), 30) == ()
    assert edge_inputs(problem("grow(1)"), 0) == ()
