"""Docstring examples: those that are read, and those that are left out. We wrote the docstrings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.types import Problem
from agent.visible_tests.docstring.examples import (
    DocstringExample,
    docstring_examples,
    docstring_tests,
)


def problem(docstring: str, parameters: str = "x", before: str = "", quote: str = '"""') -> Problem:
    prompt = f"{before}def grow({parameters}):\n    {quote}{docstring}{quote}\n"
    return Problem(task_id="t", prompt=prompt, entry_point="grow")


def pairs(docstring: str, parameters: str = "x") -> list[tuple[str, str | None]]:
    examples = docstring_examples(problem(docstring, parameters))
    return [(example.call, example.expected) for example in examples]


def only(docstring: str, parameters: str = "x") -> DocstringExample:
    (example,) = docstring_examples(problem(docstring, parameters))
    return example


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("grow(2) == 4", "=="),
        ("grow(2) = 4", "="),
        ("grow(2) => 4", "=>"),
        ("grow(2) ==> 4", "==>"),
        ("grow(2)==>4", "==>"),
        ("grow(2) -> 4", "->"),
        ("grow(2) ➞ 4", "➞"),
        ("grow(2) → 4", "→"),
        ("grow(2) returns 4", "returns"),
        ("grow(2) should return 4.", "should return"),
        ("grow(2)  # returns 4", "# returns"),
        ("grow(2)  # => 4", "# =>"),
        ("assert grow(2) == 4", "assert"),
        ("* grow(2) -> 4", "->"),
        ("1. grow(2) -> 4", "->"),
        ("for grow(2) == 4", "=="),
        (">>> grow(2)\n    4", ">>>"),
        (">>>grow(2)\n    4", ">>>"),
        (">>> grow(2) == 4", ">>> =="),
        (">>> grow(2) == 4\n    True", ">>>"),
        (">>> grow(2) -> 4", "->"),
        (">>> grow(2) 4", ">>> f(x) y"),
        ("For x = 2, the output should be 4.", "For ... should"),
        ("For x = 2 it holds that the result should be 4", "For ... should"),
        ("Input: x = 2\n    Output: 4\n    Explanation: twice two", "Input/Output"),
        ("Input: 2\n    Output: 4", "Input/Output"),
        ("x = 2\n    return 4", "x = ... return"),
    ],
)
def test_each_form_gives_the_same_example(text: str, form: str) -> None:
    example = only(f"Grow it.\n\n    {text}\n    ")
    assert (example.call, example.expected, example.form) == ("grow(2)", "4", form)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grow(2) => 4.", "4"),
        ("grow(2) => 4.5.", "4.5"),
        ("grow(2) => 4  # twice", "4"),
        ("grow(2) => 4 (twice as much)", "4"),
        ("grow(2) => 4, because it doubles", "4"),
        ("grow(2) => -4", "-4"),
        ("grow(2) => 2**10", "2**10"),
        ("grow(2) => float('inf')", "float('inf')"),
        ("grow(2) => true", "True"),
        ("grow(2) => [1, null]", "[1, None]"),
        ("grow(2) => 'a, b (c'", "'a, b (c'"),
        ("grow(2) => [1,\n       2]", "[1,\n       2]"),
        ("grow(2) -> 1 + 3 = 4", "4"),
        ("grow(2) == 1 + 3 == 4", "4"),
        ('grow(2) == ""ab"', '"ab"'),
        ("grow(2) => {'a': [1, (2, 3)]}", "{'a': [1, (2, 3)]}"),
    ],
)
def test_a_value_ends_where_it_ends(text: str, expected: str) -> None:
    assert pairs(f"Grow.\n    {text}\n    ") == [("grow(2)", expected)]


@pytest.mark.parametrize(
    "text",
    [
        "grow(2) == 4 or 5",
        "grow(2) == 4 if the sun shines",
        "grow(2) returns 4 items",
        "grow(2) != 4",
        "grow(2) is about 4",
        "grow(2) == 4, 5",
        "grow(2) == 4, None",
        "grow(2) == 1 + 2 = 4",
        "not grow(2) == 4",
        "1 + grow(2) == 4",
        "grow(x) == 2 * x",
        "grow(x - 1) == 4",
        "grow(2) == grow(1) + 1",
        "grow(2) == other",
        "grow(2",
        "grow('it) == 4",
        "a.grow(2) == 4",
        "grow(2)",
        ">>> grow(2)\n    a sentence",
        ">>> grow(unknown)\n    4",
        "For x = 2 and y = 3 the output should be 4",
        "Input: 2, 3\n    Output: 4",
        "grow(2) == 4\n    grow(2) == 5",
    ],
)
def test_what_is_ambiguous_is_left_out(text: str) -> None:
    assert pairs(f"Grow.\n    {text}\n    ") == []


def test_arguments_may_span_lines_and_hold_brackets_in_strings() -> None:
    text = "Grow.\n    grow([\n      ')',\n      2], 1) == [(0, 0)]\n    "
    assert pairs(text, "a, b") == [("grow([\n      ')',\n      2], 1)", "[(0, 0)]")]


def test_an_exception_in_a_traceback_is_what_is_expected() -> None:
    shown = "Traceback (most recent call last):\n      ...\n    ValueError: no\n    "
    text = f"\n    >>> grow(-1)\n    {shown}"
    example = only(text)
    assert (example.raises, example.expected) == ("ValueError", None)


def test_output_over_several_lines_is_one_value_and_prose_under_it_is_none() -> None:
    text = "\n    >>> grow(1)\n    [1,\n     2]\n    >>> grow(2)\n    3\n    That is all.\n    "
    assert pairs(text) == [("grow(1)", "[1,\n2]"), ("grow(2)", "3")]


def test_no_output_means_none_only_where_the_docstring_speaks_of_none() -> None:
    shown = "\n    >>> grow(0)\n\n    >>> grow(1)\n    2\n    "
    assert pairs(shown) == [("grow(1)", "2")]
    assert pairs(f"Gives None for 0.{shown}") == [("grow(0)", "None"), ("grow(1)", "2")]


def test_statements_before_a_call_become_its_setup() -> None:
    example = only("\n    >>> a = [1, 2]\n    >>> b = grow(a)\n    >>> b[0]\n    7\n    ")
    assert (example.setup, example.call, example.expected) == (
        "a = [1, 2]\nb = grow(a)",
        "b[0]",
        "7",
    )


def test_printed_text_is_compared_as_text() -> None:
    assert pairs("\n    >>> print(grow(3))\n    a b\n    ") == [("str(grow(3))", "'a b'")]


def test_a_call_inside_a_call_of_a_builtin_is_read_with_it() -> None:
    assert pairs("\n    sorted(grow(3)) == [1]\n    ") == [("sorted(grow(3))", "[1]")]
    assert pairs("\n    >>> round(grow(3), 2) # near it\n    1.5\n    ") == [
        ("round(grow(3), 2)", "1.5")
    ]


def test_arguments_are_ordered_by_their_names() -> None:
    assert pairs("\n    For b = 2, a = 1 the output should be 3\n    ", "a, b") == [
        ("grow(1, 2)", "3")
    ]


def test_foreign_names_are_taken_by_place() -> None:
    text = "\n    Input:\n        rows : [[1], [2]]\n        width : 2\n    Output: 3\n    "
    assert pairs(text, "grid, k") == [("grow([[1], [2]], 2)", "3")]


def test_steps_between_an_assignment_and_its_return_are_passed_over() -> None:
    text = "\n    x = [2, 1]\n        -> sorted -> [1, 2]\n    return [1]\n    "
    assert pairs(text) == [("grow([2, 1])", "[1]")]


def test_an_example_with_another_function_name_is_read_if_nothing_else_is() -> None:
    wrong = "\n    enlarge(2) ==> 4\n    "
    assert pairs(wrong) == [("grow(2)", "4")]
    assert pairs(f"{wrong}grow(1) ==> 2\n    ") == [("grow(1)", "2")]
    assert pairs("\n    enlarge(2) ==> 4\n    shrink(2) ==> 1\n    ") == []
    assert pairs("\n    enlarge(2, 3) ==> 4\n    ") == []


def test_unquoted_words_are_strings_for_a_function_of_one_string() -> None:
    text = "Takes a string.\n    grow(ab) => True\n    grow(b) => False\n    "
    assert pairs(text) == [("grow('ab')", "True"), ("grow('b')", "False")]
    assert pairs(text.replace("string", "number")) == []
    assert pairs("Takes a string.\n    grow(ab) => True\n    ") == []


def test_one_value_in_brackets_among_tuples_is_a_tuple() -> None:
    text = "\n    grow(1) == ('a', 'b')\n    grow(2) == ('a')\n    "
    assert pairs(text)[1] == ("grow(2)", "('a',)")
    assert pairs("\n    grow(2) == ('a')\n    ") == [("grow(2)", "('a')")]


def test_terms_of_a_sequence_are_no_results_where_the_function_returns_a_list() -> None:
    terms = "\n    grow(1) = 3\n    grow(n) = grow(n - 1) + 1\n    "
    assert pairs(terms, "n") == [("grow(1)", "3")]
    assert pairs(f"{terms}Examples:\n    grow(2) = [3, 4]\n    ", "n") == [("grow(2)", "[3, 4]")]


def test_an_example_that_stands_twice_is_one() -> None:
    assert pairs("\n    grow( 1 ) == 'a'\n    >>> grow(1)\n    \"a\"\n    ") == [("grow(1)", '"a"')]


def test_an_escape_is_read_as_the_docstring_reads_unless_that_breaks_the_string() -> None:
    broken = r"grow('a\nb') == 'b\na'"
    assert pairs(f"\n    {broken}\n    ") == [(r"grow('a\nb')", r"'b\na'")]
    doubled = r"grow('a\\nb') == 1"
    assert pairs(f"\n    {doubled}\n    ") == [(r"grow('a\nb')", "1")]
    raw = Problem(
        task_id="t", prompt=f'def grow(x):\n    r"""\n    {doubled}\n    """\n', entry_point="grow"
    )
    assert docstring_examples(raw)[0].call == r"grow('a\\nb')"


def test_only_the_docstring_of_the_entry_point_is_read() -> None:
    before = (
        'TEXT = """\ngrow(9) == 9\n"""\n\ndef helper(x):\n    """grow(8) == 8"""\n    return x\n\n'
    )
    found = docstring_examples(problem("grow(1) == 2", before=before))
    assert [example.call for example in found] == ["grow(1)"]


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("def grow(x):\n", 0),
        ("def grow(x):\n    ", 0),
        ('def grow(x):\n    import math\n    """grow(1) == 2"""\n', 1),
        ("def grow(x):\n    '''grow(1) == 2'''\n", 1),
        ("def grow(x: list[int] = [1],\n         y={1: 2}) -> int: '''grow(1) == 2'''", 1),
        ('"""Write a function.\nassert grow(1) == 2\n"""\n', 1),
        ("Write a function: grow(1) == 2\n", 1),
        ('def grow(x):\n    """never closed grow(1) == 2\n', 0),
        ("", 0),
    ],
)
def test_prompts_may_be_incomplete_or_no_program(prompt: str, count: int) -> None:
    found = docstring_examples(Problem(task_id="t", prompt=prompt, entry_point="grow"))
    assert len(found) == count


def test_a_span_is_where_the_example_stands() -> None:
    asked = problem("Grow.\n\n    >>> grow(1)\n    2\n    and grow(3) => 4, of course.\n    ")
    found = docstring_examples(asked)
    assert [asked.prompt[slice(*example.span)] for example in found] == [
        ">>> grow(1)\n    2",
        "grow(3) => 4",
    ]


def test_tests_are_asserts_in_one_form() -> None:
    tests = docstring_tests(problem('\n    grow( "a" ) == 1, really\n    '))
    assert [test.source for test in tests] == ["assert grow('a') == 1"]
    assert (tests[0].origin, tests[0].form, tests[0].count) == ("docstring", "==", 1)


@pytest.mark.parametrize(
    ("body", "passes"),
    [("raise ValueError('no')", True), ("return 1", False), ("raise TypeError", False)],
)
def test_a_test_of_an_exception_passes_only_on_that_exception(body: str, passes: bool) -> None:
    text = "\n    >>> grow(-1)\n    Traceback (most recent call last):\n    ValueError: no\n    "
    (test,) = docstring_tests(problem(text))
    source = f"def grow(x):\n    {body}\n{test.source}\n"
    if passes:
        exec(source, {})  # noqa: S102
    else:
        with pytest.raises((AssertionError, TypeError)):
            exec(source, {})  # noqa: S102


PIECES = st.lists(
    st.sampled_from(
        [
            "grow(", ")", "[", "]", "{", "}", "'", '"', "\\", "\n", " ", ">>> ", "... ", "==", "=>",
            "->", "For x = ", "the output should be ", "Input:", "Output:", "1", "x", ", ", "#",
            ".", "Traceback", "returns ", "return ", "x = ", "**", "9" * 5000, "None",
            "-", "(" * 300,
        ]
    )
    | st.text(max_size=5),
    max_size=40,
).map("".join)  # fmt: skip


@given(PIECES)
def test_no_docstring_makes_the_reader_raise(text: str) -> None:
    docstring_tests(problem(text))
    docstring_tests(Problem(task_id="t", prompt=text, entry_point="grow"))


def test_a_methods_example_is_read_and_is_no_test() -> None:
    prompt = (
        'class Solution:\n    def grow(self, x):\n        """\n        >>> grow(1)\n        2\n'
    )
    problem = Problem(task_id="Own/0", prompt=f'{prompt}        """\n', entry_point="grow")
    assert [example.call for example in docstring_examples(problem)] == ["Solution().grow(1)"]
    assert docstring_tests(problem) == ()
