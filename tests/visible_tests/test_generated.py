"""Asserts of a model: those that become tests, and those that are left out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.types import VisibleTest
from agent.visible_tests.written.parse import LIMIT, merge, parse_tests


def sources(text: str, continues: str = "") -> list[str]:
    return [test.source for test in parse_tests(text, "grow", continues=continues)]


@pytest.mark.parametrize(
    "text",
    [
        "assert grow(1) == 2",
        "assert grow( 1 )==2, 'one'",
        "Here is a test:\n\nassert grow(1) == 2\n\nI hope that it helps.",
        "```python\nassert grow(1) == 2\n```",
        "Sure!\n```\nassert grow(1) == 2\n```\nassert grow(9) == 9 is no test of mine.",
        "```python\nassert grow(1) == 2\nassert grow(",
        "- `assert grow(1) == 2`\n- that is all",
        "1. assert grow(1) == 2",
        "def test_grow():\n    assert grow(1) == 2\n",
        "def check(candidate):\n    assert candidate(1) == 2\n",
        "class T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(grow(1), 2)\n",
        "assert grow(\n    1\n) == 2",
        "def grow(x:\n    broken\nassert grow(1) == 2",
        "<think>assert grow(5) == 5</think>\nassert grow(1) == 2",
        "for i in range(3):\n    assert grow(i) == i\nassert grow(1) == 2",
    ],
)
def test_an_assert_is_found_wherever_it_stands(text: str) -> None:
    assert sources(text) == ["assert grow(1) == 2"]


def test_unittest_methods_become_asserts() -> None:
    text = """
        self.assertTrue(grow(1))
        self.assertFalse(grow(2))
        self.assertIsNone(grow(3))
        self.assertListEqual(grow(4), [4])
        self.assertIn(5, grow(5))
        self.assertIsInstance(grow(6), list)
        self.assertCountEqual(grow(7), [1, 2])
        self.assertAlmostEqual(grow(8), 0.5, places=3)
    """
    assert sources(text) == [
        "assert grow(1)",
        "assert not grow(2)",
        "assert grow(3) is None",
        "assert grow(4) == [4]",
        "assert 5 in grow(5)",
        "assert isinstance(grow(6), list)",
        "assert sorted(grow(7)) == sorted([1, 2])",
        "assert round(abs(grow(8) - 0.5), 3) == 0",
    ]


def test_a_text_may_go_on_from_the_word_assert() -> None:
    text = "\tgrow(1) == 2\nassert grow(2) == 4\nassert grow(3"
    assert sources(text, continues="assert ") == ["assert grow(1) == 2", "assert grow(2) == 4"]


@pytest.mark.parametrize(
    "check",
    [
        "True",
        "1 == 1",
        "other(1) == 2",
        "grow",
        "grow(1) == grow(1)",
        "grow(1) == 2 or True",
        "(grow(1) == 2, 'message')",
        "grow(x) == 2",
        "grow(1) == result",
        "(y := grow(1)) == 2",
        "grow(open('a')) == 2",
        "grow(eval('1')) == 2",
        "grow(__import__('os').system('ls')) == 2",
        "print(grow(1)) is None",
        "grow.__code__ == grow(1)",
        "grow(1) == os.sep",
        "grow(1) == pytest.approx([2])",
        "[grow(1)]",
        "(grow(x) == 1 for x in [1])",
        "lambda: grow(1) == 2",
        "[1].grow(2) == 3",
        "grow([grow for grow in [1]]) == 2",
        "grow(" + "1, " * 1000 + ") == 2",
        "grow(" + "-" * 500 + "1) == 2",
        "grow(1) ==",
        "grow(1) == 'open",
    ],
)
def test_what_says_nothing_or_may_do_something_is_dropped(check: str) -> None:
    assert sources(f"assert {check}") == []


@pytest.mark.parametrize(
    "check",
    [
        "abs(grow(1) - 0.5) < 1e-06",
        "sorted(grow([3, 1]), key=lambda item: -item) == [3, 1]",
        "grow([i * 2 for i in range(3)]) == [0, 2, 4]",
        "grow('a' * 3).upper() == 'AAA'",
        "grow(1) is not None",
        "grow(1) == 2 and grow(2) == 4",
    ],
)
def test_pure_expressions_are_kept(check: str) -> None:
    assert sources(f"assert {check}") == [f"assert {check}"]


RAISING = "try:\n    {}\nexcept {}:\n    pass\nelse:\n    raise AssertionError('{} was not raised')"


@pytest.mark.parametrize(
    "text",
    [
        "with pytest.raises(ValueError):\n    grow(-1)",
        "with pytest.raises(ValueError, match='no'): grow(-1)",
        "with self.assertRaises(ValueError) as caught:\n    x = -1\n    result = grow(x)",
        "self.assertRaises(ValueError, grow, -1)",
        "self.assertRaises(ValueError, lambda: grow(-1))",
        "pytest.raises(ValueError, grow, -1)",
    ],
)
def test_what_must_raise_becomes_a_test_of_its_own(text: str) -> None:
    (test,) = parse_tests(text, "grow")
    assert test.source == RAISING.format("grow(-1)", "ValueError", "ValueError")
    assert test.form == "raises"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = [1,\n     2]\ny = 3\nresult = grow(x)\nassert result == y", ["grow([1, 2]) == 3"]),
        ("a, b = 1, 2\nassert grow(a, k=b) == 3", ["grow(1, k=2) == 3"]),
        ("x: int = 4\nassert grow(x) == 5", ["grow(4) == 5"]),
        ("for x, y in [(1, 2), (3, 4)]:\n    print(x)\n    assert grow(x) == y, x",
         ["grow(1) == 2", "grow(3) == 4"]),
        ("for x, y in zip([1], [2]):\n    assert grow(x) == y", ["grow(1) == 2"]),
        ("for i, x in enumerate([7]):\n    assert grow(x) == i", ["grow(7) == 0"]),
        ("for d in [{'a': (1, 2), 'b': 3}]:\n    assert grow(*d['a']) == d['b']",
         ["grow(1, 2) == 3"]),
        ("@pytest.mark.parametrize('x, y', [\n    (1, 2),\n])\n@slow\n"
         "def test(x, y):\n    assert grow(x) == y", ["grow(1) == 2"]),
        ("x = 1\nassert all(grow(x) for x in [2])", ["all((grow(x) for x in [2]))"]),
        ("s = Solution()\nassert s.grow(1) == 2\nassert Solution().grow(2) == 3",
         ["grow(1) == 2", "grow(2) == 3"]),
        ("assert grow(1) == pytest.approx(2.5, abs=0.1)", ["abs(grow(1) - 2.5) <= 0.1"]),
        ("assert grow(1) == \\\n    2, 'it'", ["grow(1) == 2"]),
        ("assert grow(1) == 2  # it's (", ["grow(1) == 2"]),
        ("assert grow(1) == '''a\nb'''", ["grow(1) == 'a\\nb'"]),
        ("The test `assert grow(1) == 2` says so.\n**Test 2:** assert grow(2) == 3",
         ["grow(1) == 2", "grow(2) == 3"]),
        ('```json\n["assert grow(1) == 2", "assert grow(\\"a\\") == 3"]\n```',
         ["grow(1) == 2", "grow('a') == 3"]),
        (">>> grow(1)\n2\n>>> grow('a')\n'b'", ["grow(1) == 2", "grow('a') == 'b'"]),
    ],
)  # fmt: skip
def test_the_form_is_repaired_and_no_answer_changed(text: str, expected: list[str]) -> None:
    assert sources(text) == [f"assert {check}" for check in expected]


@pytest.mark.parametrize(
    "text",
    [
        "x = [1]\nx.append(2)\n",
        "x = 1\nx += 1\n",
        "x = 1\nif late:\n    x = 2\n",
        "x = [3]\nsort(x)\n",
        "x = 1\nfor x in range(3):\n    pass\n",
        "x = 1\nx = other(x)\n",
        "def test_a():\n    x = 1\ndef test_b():\n    ",
    ],
)
def test_a_name_that_may_have_changed_is_not_followed(text: str) -> None:
    assert sources(f"{text}assert grow(x) == 1") == []


def test_a_module_that_a_test_needs_is_imported() -> None:
    assert sources("assert math.isclose(grow(1), 1)") == [
        "import math\nassert math.isclose(grow(1), 1)"
    ]


def test_names_of_the_prompt_are_known_where_they_are_given() -> None:
    text = "assert grow(shrink(1)) == 1"
    assert parse_tests(text, "grow") == ()
    assert [test.source for test in parse_tests(text, "grow", known={"shrink"})] == [text]


def test_repetitions_are_counted_and_not_repeated() -> None:
    text = "assert grow(1) == 2\nassert grow(2) == 4\nassert grow( 1 ) == 2\n"
    tests = parse_tests(text, "grow")
    assert [(test.source, test.count) for test in tests] == [
        ("assert grow(1) == 2", 2),
        ("assert grow(2) == 4", 1),
    ]


def test_the_limit_counts_what_the_model_wrote() -> None:
    text = "assert grow(1) == 2\n" * 2 + "assert other(2)\nassert grow(2) == 4\n"
    assert [test.count for test in parse_tests(text, "grow", limit=2)] == [2]
    assert [test.count for test in parse_tests(text, "grow", limit=3)] == [2, 1]
    many = "".join(f"assert grow({i}) == {i}\n" for i in range(50))
    assert len(parse_tests(many, "grow")) == LIMIT


def test_merging_adds_counts_over_answers_and_keeps_a_docstring_origin() -> None:
    written = VisibleTest(source="assert grow(1) == 2", origin="generated", form="assert", count=2)
    shown = VisibleTest(source="assert grow(1) == 2", origin="docstring", form="==", span=(3, 9))
    other = VisibleTest(source="assert grow(2) == 4", origin="generated", form="assert")
    assert merge([written, other, shown]) == (shown.model_copy(update={"count": 3}), other)


PIECES = st.lists(
    st.sampled_from(
        [
            "assert ", "grow(", ")", " == ", "\n", "```", "```python\n", "self.assertEqual(", "'",
            '"', '"""', "\\", "[", "]", "1", ", ", "    ", "def f():\n", "<think>", "</think>",
            "\x00", "lambda: ", "-" * 200, "9" * 5000, "candidate(", "~~~", "> ", "- ", "\ud800",
        ]
    )
    | st.text(max_size=6),
    max_size=40,
).map("".join)  # fmt: skip


@given(PIECES)
def test_no_text_makes_the_parser_raise(text: str) -> None:
    for continues in ("", "assert "):
        for test in parse_tests(text, "grow", continues=continues):
            compile(test.source, "test", "exec")


@pytest.mark.parametrize(
    "line",
    [
        "assert (\n",
        "assert grow('\n",
        "assert grow(",
        "```python\n",
        '"""\n',
        "([",
        "- ",
        "    ",
        "x = (\n",
    ],
)
def test_long_texts_take_no_long_time(line: str) -> None:
    text = line * (200_000 // len(line)) + "\ngrow"
    started = time.process_time()
    parse_tests(text, "grow")
    assert time.process_time() - started < 5
