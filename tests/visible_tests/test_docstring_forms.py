"""Examples in the notation of other benchmarks and docstring styles. We wrote all texts."""

from __future__ import annotations

import pytest

from agent.types import Problem
from agent.visible_tests.docstring.examples import (
    DocstringExample,
    docstring_examples,
    docstring_tests,
)


def examples(prompt: str, entry_point: str = "tally") -> tuple[DocstringExample, ...]:
    return docstring_examples(Problem(task_id="t", prompt=prompt, entry_point=entry_point))


def pairs(docstring: str, header: str = "tally(items, limit)") -> list[tuple[str, str | None]]:
    found = examples(f'def {header}:\n    """{docstring}"""\n')
    return [(example.call, example.expected) for example in found]


ONE = [("tally([1, 2], 3)", "4")]


@pytest.mark.parametrize(
    "text",
    [
        "Input: items = [1, 2], limit = 3\n    Output: 4",
        "Input: items = [1, 2], limit = 3\n    Output: 4\n    Explanation: 1 + 3 is 4.",
        "Input: items = [1, 2], limit = 3, Output: 4",
        "Input: items = [1, 2], limit = 3 Output: 4 Explanation: see above",
        "Input: items = [1, 2], limit = 3 -> Output: 4",
        "Input: items = [1, 2]; limit = 3 | Output: 4",
        "Input:\n    items = [1, 2]\n    limit = 3\n    Output:\n    4",
        "Input:\n      - items: [1, 2]\n      - limit: 3\n    Output: 4",
        "input: limit = 3, items = [1, 2]\n    output: 4",
        "Input: [1, 2], 3\n    Output: 4",
        "Input: tally([1, 2], 3)\n    Output: 4",
        "Example 1:\n\n        Input: items = [1, 2], limit = 3\n        Output: 4",
        "Example 1: Input: items = [1, 2], limit = 3 Output: 4",
        "1. Input: items = [1, 2], limit = 3\n       Output: 4",
        "- Input: items = [1, 2], limit = 3\n    - Output: 4",
        "Sample Input 1: items = [1, 2], limit = 3\n    Sample Output 1: 4",
        "Example Input: items = [1, 2], limit = 3\n    Expected Output: 4",
        "Input: items = [1, 2], limit = 3\n    Returns: 4",
        "Input: items = [1, 2], limit = 3\n    Result: 4",
        "**Input:** items = [1, 2], limit = 3\n    **Output:** 4",
        "**Input**: items = [1, 2], limit = 3\n    **Output**: 4",
        "- **Input:** `items = [1, 2], limit = 3`\n    - **Output:** `4`",
        "Input: `items = [1, 2]`, `limit = 3`\n    Output: `4`",
        "> Input: items = [1, 2], limit = 3\n    > Output: 4",
        "<p><strong>Input:</strong> items = [1, 2], limit = 3\n    <b>Output:</b> 4</p>",
        "<pre>\n    Input: items = [1, 2], limit = 3\n    Output: 4\n    </pre>",
        "```\n    Input: items = [1, 2], limit = 3\n    Output: 4\n    ```",
    ],
)
def test_blocks_of_input_and_output(text: str) -> None:
    assert pairs(text) == ONE
    assert pairs(f"Tally it.\n\n    {text}\n    ") == ONE


@pytest.mark.parametrize(
    "text",
    [
        "`tally([1, 2], 3)` returns `4`",
        "`tally([1, 2], 3) == 4`",
        "- `tally([1, 2], 3)` -> `4`",
        "`tally([1, 2], 3)`: `4`",
        "tally([1, 2], 3): 4",
        "tally([1, 2], 3)  # 4",
        "tally([1, 2], 3)  # Output: 4",
        "tally([1, 2], 3)\n    # Output: 4",
        "tally([1, 2], 3)\n    Output: 4",
        "print(tally([1, 2], 3))  # 4",
        "print(tally([1, 2], 3))  # Output: 4",
        "print(tally([1, 2], 3))\n    # Expected output: 4",
        "tally([1, 2], 3) should equal 4",
        "tally([1, 2], 3) results in 4",
        "When items = [1, 2] and limit = 3, the function returns 4.",
        "Given items = [1, 2], limit = 3, the answer is 4.",
        "```python\n    >>> tally([1, 2], 3)\n    4\n    ```",
        "assert tally([1, 2], 3) == 4",
        "assert 4 == tally([1, 2], 3)",
        'assert tally([1, 2], 3) == 4, "four"',
        "assert (tally ([1, 2],3)) == (4)  # four",
        "assert tally(\n        [1, 2],\n        3,\n    ) == 4",
        "Such as: assert tally([1, 2], 3) == 4",
        "Examples:\n        tally([1, 2], 3)\n        4",
        "Examples\n    --------\n    tally([1, 2], 3)\n    4",
        "Usage:\n        print(tally([1, 2], 3))\n        4",
        "For example, given the items [1, 2] and a limit of 3, you should return 4.",
        "For instance, if the function is called with [1, 2] as items and 3 as limit, then it"
        " should\n    return 4, for no reason.",
    ],
)
def test_calls_and_sentences(text: str) -> None:
    assert pairs(f"Tally it.\n\n    {text}\n    ") == ONE


@pytest.mark.parametrize(
    "text",
    [
        "Input: items = [1, 2], limit = 3\n    Output: depends on the items",
        "Input: items = [1, 2], limit = 3\n    Output: 4 or 5",
        "Input: items = [1, 2], limit = 3\n    Output: 4\n    or 5",
        "Input: items = [1, 2], limit = 3\n    Output: 4 (or 5, either will do)",
        "Input: items = [1, 2], limit = 3\n    Output: 4 items",
        "Input: items = [1, 2], limit = 3\n    Output: about 4",
        "Input: items = [1, 2], limit = 3\n    Output: [1, 2, ...]",
        "Input: items = [1, ..., 9], limit = 3\n    Output: 4",
        "Input: items = [1, 2], limit = 3\n    Output: 4...",
        "Input: items = [1, 2], limit = 3\n    Output: FOUR",
        "Input: items = one, limit = 3\n    Output: 4",
        "Input: items = [1, 2]\n    Output: 4",
        "Input: limit = [1, 2], other = 3\n    Output: 4",
        "Input: items = [1, 2], limit = 3, more = 5\n    Output: 4",
        "Input: two lists of 3 items\n    Output: 4",
        "Input: items = [1, 2], limit = 3\n    The output is known.\n    Output: 4",
        "Input: items = [1, 2], limit = 3\n    Output: 4\n\n"
        "    Input: items = [1, 2], limit = 3\n    Output: 5",
        "Output: 4",
        "The time for tally([1, 2], 3): 4",
        "tally([1, 2], 3): 4 seconds",
        "tally([1, 2], 3) == [1, ..., 4]",
        "tally([1, 2], 3)  # the answer to it all is 4",
        "tally([1, 2], 3) prints 4",
        "def tally([1, 2], 3): 4",
        "assert tally([1, 2], 3) == unknown",
        "assert tally(unknown, 3) == 4",
        "assert other([1, 2], 3) == 4 and tally([1, 2], 3) == 4 or unknown",
        "assert tally([1, 2], 3) == 4 when the sun shines",
        "Args:\n        items: what to tally; tally([1, 2], 3) == 4\n        limit: the most",
        "Returns:\n        tally([1, 2], 3) is 4.",
        "Returns: tally([1, 2], 3) == 4",
        "Raises:\n        ValueError: tally([], 0) == 4",
        "Parameters\n    ----------\n    limit : int\n        So that tally([1, 2], 3) == 4.",
        "Returns\n    -------\n    int\n\n        tally([1, 2], 3) == 4",
        ":param limit: the most; tally([1, 2], 3) == 4",
        ":return: tally([1, 2], 3) == 4",
        "tally([1, 2], 3)\n    4",
        "Examples:\n        tally([1, 2], 3)\n        4 things",
        "Examples:\n        tally([1, 2], 3)\n        tally([1], 3)",
        "Examples:\n        tally([1, 2], 3)\n        4\n        more of it",
        "Examples:\n        print(tally([1, 2], 3))\n        'a'",
        "For example, given 3 and [1, 2], you should return 4.",
        "For example, given a limit of 3 and the items [1, 2], you should return 4.",
        "For example, given items with [1, 2] and no limit or 3, you should return 4.",
        "For example, given the items [1, 2] and a limit of 3, you should return 4 things.",
        "For example, given the items [1, 2]. With a limit of 3, you should return 4.",
        "Given the items [1, 2] and a limit of 3, you should return 4.",
        "When items = [1, 2] and limit = 3 are not known, the answer is 4.",
    ],
)
def test_what_only_looks_like_an_example_is_left_out(text: str) -> None:
    assert pairs(f"Tally it.\n\n    {text}\n    ") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("For example, given 3 you should return 9.", [("tally(3)", "9")]),
        ("For example, if you are given 'ab', then return 'ba'.", [("tally('ab')", "'ba'")]),
        ("E.g. when n is 3 the function returns 9.", [("tally(3)", "9")]),
        ("Example: for n = 3 the result is 9.", [("tally(3)", "9")]),
        ("For example, if the number has 3 digits you should return 9.", []),
        ("For example, given 3 numbers you should return 9.", []),
        ("For example, if it is given more than 3, it should return 9.", []),
        ("For example, the third prime is 5.", []),
    ],
)
def test_a_sentence_with_one_argument(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(f"Tally it. {text}\n    ", "tally(n)") == expected


def test_a_section_of_examples_ends_a_section_that_describes() -> None:
    google = "Args:\n        n: tally(1) == 1\n    Examples:\n        tally(2) == 4\n    "
    nested = (
        "Returns:\n        An int, tally(1) == 1.\n\n        Example:\n            tally(2) == 4\n"
    )
    numpy = (
        "Returns\n    -------\n    int\n        tally(1) == 1\n\n    Examples\n    --------\n"
        "    tally(2) == 4\n    "
    )
    for sections in (google, nested, numpy):
        assert pairs(f"Tally.\n\n    {sections}", "tally(n)") == [("tally(2)", "4")]


def test_a_session_and_an_assert_are_examples_in_any_section() -> None:
    text = "Returns:\n        >>> tally(1)\n        2\n        assert tally(2) == 4\n    "
    assert pairs(text, "tally(n)") == [("tally(1)", "2"), ("tally(2)", "4")]


MBPP = """Write a function to tally what's there. Your code should pass these tests:

assert tally((1, 2), 3) == ('both')
assert tally([1], 0)==set([1])
assert set(tally([2], 0)) == set((2,))
assert not tally([3], 0)
assert tally([4], 0)
assert tally([5], 0) is None
assert abs(tally([6], 0) - 2.5) < 1e-6
assert math.isclose(tally([7], 0), 2.5, rel_tol=0.001)
assert tally([Pair(8)], 0) == 3
"""


def test_the_asserts_of_a_prompt_that_is_no_program() -> None:
    tests = docstring_tests(Problem(task_id="t", prompt=MBPP, entry_point="tally"))
    assert [test.source for test in tests] == [
        "assert tally((1, 2), 3) == 'both'",
        "assert tally([1], 0) == set([1])",
        "assert set(tally([2], 0)) == set((2,))",
        "assert (not tally([3], 0)) == True",
        "assert bool(tally([4], 0)) == True",
        "assert tally([5], 0) == None",
        "assert (abs(tally([6], 0) - 2.5) < 1e-06) == True",
        "import math\nassert bool(math.isclose(tally([7], 0), 2.5, rel_tol=0.001)) == True",
    ]


def test_an_assert_in_a_module_docstring() -> None:
    found = examples('"""\nWrite a function to tally.\nassert tally("a,b") == ["a", "b"]\n"""\n')
    assert [(example.call, example.expected) for example in found] == [
        ("tally('a,b')", "['a', 'b']")
    ]
    assert found[0].form == "assert"


def test_assignments_above_an_assert_go_with_it() -> None:
    prompt = (
        "Don't lose count.\n\nrows = [[1], [2]]\nwide = [rows]\nassert tally(wide, 2) == rows\n"
    )
    (found,) = examples(prompt)
    assert found.setup == "rows = [[1], [2]]\nwide = [rows]"
    assert (found.call, found.expected) == ("tally(wide, 2)", "rows")


METHOD = '''class Counter{base}:
    def tally(self, items: List[int], limit: int) -> int:
        """{text}
        """
'''


@pytest.mark.parametrize(
    "text",
    [
        "Input: items = [1, 2], limit = 3\n        Output: 4",
        "tally([1, 2], 3) == 4",
        "Counter().tally([1, 2], 3) -> 4",
        "self.tally([1, 2], 3) returns 4",
        ">>> Counter().tally([1, 2], 3)\n        4",
        ">>> tally([1, 2], 3)\n        4",
        "assert tally([1, 2], 3) == 4",
    ],
)
@pytest.mark.parametrize("base", ["", "(object)"])
def test_a_method_is_called_on_an_object_of_its_class(text: str, base: str) -> None:
    (found,) = examples(METHOD.format(text=text, base=base))
    assert (found.call, found.expected) == ("Counter().tally([1, 2], 3)", "4")


def test_an_object_that_a_session_makes_is_used() -> None:
    text = ">>> c = Counter()\n        >>> c.tally([1, 2], 3)\n        4"
    (found,) = examples(METHOD.format(text=text, base=""))
    assert (found.setup, found.call) == ("c = Counter()", "c.tally([1, 2], 3)")


def test_a_method_whose_class_needs_arguments_is_called_by_its_name() -> None:
    prompt = METHOD.format(text="tally([1], 2) == 3", base="").replace(
        "    def tally", "    def __init__(self, start):\n        pass\n\n    def tally"
    )
    assert [example.call for example in examples(prompt)] == ["tally([1], 2)"]


def test_an_entry_point_may_say_how_it_is_called() -> None:
    found = examples(METHOD.format(text="tally([1], 2) == 3", base=""), "Counter().tally")
    assert [example.call for example in found] == ["Counter().tally([1], 2)"]


def test_a_function_inside_a_function_is_no_method() -> None:
    prompt = (
        "class Other:\n    pass\n\ndef outer():\n    def tally(n):\n        '''tally(1) == 2'''\n"
    )
    assert [example.call for example in examples(prompt)] == ["tally(1)"]


@pytest.mark.parametrize("kind", ["Optional[Node]", "'Node'", "list[Node]"])
def test_named_arguments_of_foreign_types_are_left_out(kind: str) -> None:
    text = "Input: items = [1, 2]\n    Output: 4\n    "
    assert pairs(text, f"tally(items: {kind})") == []
    assert pairs(text, f"tally(items) -> {kind}") == []
    assert pairs(f":type items: {kind}\n    {text}", "tally(items)") == []
    assert pairs(text, "tally(items: Optional[list[int]]) -> 'int'") == [("tally([1, 2])", "4")]


@pytest.mark.parametrize("said", ["a linked list", "a binary tree", "a ListNode"])
def test_a_list_may_stand_for_a_tree_unless_a_type_says_otherwise(said: str) -> None:
    text = f"Tally {said}.\n    Input: items = [1, 2]\n    Output: 4\n    "
    assert pairs(text, "tally(items)") == []
    assert pairs(text, "tally(items: list[int])") == [("tally([1, 2])", "4")]


def test_what_a_function_changes_in_place_is_not_what_it_returns() -> None:
    text = "Input: items = [2, 1]\n    Output: [1, 2]\n    "
    assert pairs(text, "tally(items) -> None") == []
    assert pairs(f"Do not return anything, sort in place.\n    {text}", "tally(items)") == []


PROSE = """You're given some items. It isn't hard.

**Example 1:**

```
Input: items = [1, 2], limit = 3
Output: 4
Explanation: that's that.
```

**Example 2:**

- **Input:** `items = [], limit = 0`
- **Output:** `0`

**Constraints:**

* `0 <= limit <= 9`

{code}"""


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("```python\ndef tally(items: list[int], limit: int) -> int:\n    pass\n```", "tally"),
        ("class Box:\n    def tally(self, items, limit):\n        ", "Box().tally"),
    ],
)
def test_prose_around_a_header(code: str, called: str) -> None:
    found = examples(PROSE.format(code=code))
    assert [(example.call, example.expected) for example in found] == [
        (f"{called}([1, 2], 3)", "4"),
        (f"{called}([], 0)", "0"),
    ]


def test_without_a_header_nobody_knows_the_order_of_named_arguments() -> None:
    assert examples(PROSE.format(code="Write `tally`.")) == ()


def test_a_module_docstring_speaks_for_a_function_without_one() -> None:
    prompt = '"""Tally.\n\nInput: n = 2\nOutput: 4\n"""\n\ndef tally(n):\n    '
    assert [(e.call, e.expected) for e in examples(prompt)] == [("tally(2)", "4")]
    with_own = prompt + '"""tally(3) == 9"""\n'
    assert [(e.call, e.expected) for e in examples(with_own)] == [("tally(3)", "9")]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Return the answer in any order.", ["[1]", "3.5"]),
        ("The order of the output does not matter.", ["[1]", "3.5"]),
        ("If there are several, return any of them.", []),
        ("Any valid answer will be accepted.", []),
        ("Answers within 10^-5 of the true one are right.", ["[1, 2]", "[1]"]),
        ("The input may come in any order.", ["[1, 2]", "[1]", "3.5"]),
    ],
)
def test_what_the_docstring_leaves_open_is_no_test(said: str, kept: list[str]) -> None:
    text = "tally(1) == [1, 2]\n    tally(2) == [1]\n    tally(3) == 3.5\n    "
    assert [value for _, value in pairs(f"{said}\n\n    {text}", "tally(n)")] == kept


def test_a_comparison_that_ignores_the_order_stands() -> None:
    text = "Return the list in any order.\n\n    sorted(tally(1)) == [1, 2]\n    "
    assert pairs(text, "tally(n)") == [("sorted(tally(1))", "[1, 2]")]


@pytest.mark.parametrize(
    "value",
    [
        "'a `b` c'",
        "'**Bold** x'",
        "'<b>x</b>'",
        "'```'",
        "'__Init__ :'",
        '"it\'s `x`"',
        "[\"'\", ':`', '`:']",
    ],
)
def test_markup_inside_a_value_is_part_of_it(value: str) -> None:
    for text in (
        f"tally({value}) == {value}",
        f">>> tally({value})\n    {value}",
        f"Input: n = {value}\n    Output: {value}",
    ):
        ((call, expected),) = pairs(f"Tally.\n    {text}\n    ", "tally(n)")
        assert (eval(call, {"tally": lambda n: n}), eval(str(expected))) == (eval(value),) * 2


def test_printed_markup_is_text() -> None:
    text = "\n    >>> print(tally(1))\n    <b>`x`</b>\n    "
    assert pairs(text, "tally(n)") == [("str(tally(1))", "'<b>`x`</b>'")]
