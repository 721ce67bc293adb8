"""Properties for every docstring: examples are read as written, and from the prompt alone."""

from __future__ import annotations

import string
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.types import Problem
from agent.visible_tests.docstring.examples import docstring_examples

_LETTERS = string.ascii_letters + string.digits + " ,.;:()[]{}<>=-+*/#`|_!?%&@^~'é→"
TEXTS = st.text(_LETTERS, max_size=8)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS, inner, max_size=2)
    ),
    max_leaves=6,
)
FORMS = {
    "==": "{call} == {value}",
    "=>": "{call} => {value}",
    "->": "* {call} -> {value}",
    "➞": "{call} ➞ {value}",
    "=": "{call} = {value}",
    "returns": "{call} returns {value}",
    "should return": "{call} should return {value}.",
    ":": "- {call}: {value}",
    "#": "{call}  # {value}",
    "# Output:": "print({call})  # Output: {value}",
    "assert": "assert {call} == {value}",
    ">>>": ">>> {call}\n    {value}",
    ">>> ==": ">>> {call} == {value}",
    "f(x) / y": "Examples:\n        {call}\n        {value}",
    "Input/Output": "Input: x = {x}, y = {y}\n    Output: {value}",
    "For ... should": "For x = {x}, y = {y} the output should be {value}",
    "x = ... return": "x = {x}\n    y = {y}\n    return {value}",
    "given ... return": "For example, if you are given {x} as x and {y} as y, return {value}.",
}


def prompt(docstring: str) -> Problem:
    text = f'def mix(x, y):\n    """Mix.\n\n    {docstring}\n    """\n'
    return Problem(task_id="t", prompt=text, entry_point="mix")


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=50)
@given(x=VALUES, y=VALUES, value=VALUES)
def test_an_example_is_read_back_as_it_was_written(
    form: str, x: object, y: object, value: object
) -> None:
    text = FORMS[form].format(call=f"mix({x!r}, {y!r})", x=repr(x), y=repr(y), value=repr(value))
    problem = prompt(text)
    (example,) = docstring_examples(problem)
    assert example.form == form
    assert eval(example.call, {"mix": lambda *given: given}) == (x, y)
    assert eval(str(example.expected)) == value
    start, end = example.span
    assert repr(value) in problem.prompt[start:end]


PIECES = st.lists(
    st.sampled_from(
        [
            "mix(", "mix(1, 2)", ")", "[", "]", "'", '"', "\\", "\n", "\n    ", "\n        ", " ",
            "assert ", " == ", ": ", "Input: ", "Output: ", "x = 1", "y = 2", ", ", "`", "**",
            "**Input:** ", "<b>", "</b>", "```", "Args:", "Returns:", "Examples", "--------",
            ":param x:",
            "For example, ", "given ", "return ", "in any order", "class A:\n", "def mix(x, y):",
            "    def mix(self, x):\n", "print(", "# ", ">>> ", "...", "4", "or ", "import math\n",
            "'''",
        ]
    )
    | st.text(max_size=4),
    max_size=30,
).map("".join)  # fmt: skip


@given(PIECES)
def test_any_text_is_read_without_error_within_it_and_each_time_alike(text: str) -> None:
    for problem in (prompt(text), Problem(task_id="t", prompt=text, entry_point="mix")):
        found = docstring_examples(problem)
        assert found == docstring_examples(problem.model_copy(update={"task_id": "other"}))
        spans = [example.span for example in found]
        assert all(0 <= start < end <= len(problem.prompt) for start, end in spans)
        assert all(left[1] <= right[0] for left, right in pairwise(sorted(spans)))


@given(PIECES, PIECES)
def test_what_stands_outside_the_docstring_changes_no_example(text: str, more: str) -> None:
    problem = prompt(text.replace('"', "").replace("\\", ""))
    longer = problem.prompt + "    # " + more.replace("\n", " ").replace("\r", " ")
    found = docstring_examples(problem)
    again = docstring_examples(problem.model_copy(update={"prompt": longer}))
    assert [example.span for example in found] == [example.span for example in again]
