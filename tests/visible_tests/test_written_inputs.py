"""Inputs: calls that a model wrote."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.visible_tests.inputs.model_calls import parse_inputs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grow(1)\ngrow( [1, 2], k = 'a' )", ("grow(1)", "grow([1, 2], k='a')")),
        ("1. `grow(1)`: one\n- grow(-1)", ("grow(1)", "grow(-1)")),
        ("```python\ngrow(1)\n```\nand grow(2)", ("grow(1)",)),
        ("assert grow(1) == 2\nprint(grow((2,)))", ("grow(1)", "grow((2,))")),
        ("grow([\n    1,\n    2,\n])  # two", ("grow([1, 2])",)),
        ("<think>grow(9)</think>grow(1)", ("grow(1)",)),
        ("grow(1)\ngrow( 1 )", ("grow(1)",)),
        ("def grow(x=1):\n    return regrow(x)\ngrow()\ngrow(x)\nself.grow(3)\ngrow(4", ()),
    ],
)
def test_calls_with_literal_arguments_are_read(text: str, expected: tuple[str, ...]) -> None:
    assert parse_inputs(text, "grow", 9) == expected


def test_no_more_than_the_limit_are_kept() -> None:
    text = "".join(f"grow({i // 2})\n" for i in range(50))
    assert parse_inputs(text, "grow", 3) == ("grow(0)", "grow(1)", "grow(2)")
    assert parse_inputs(text, "grow", 0) == ()


PIECES = st.sampled_from(
    ["grow(", ")", "[", "]", "1", ",", "'", '"', "\\", "\n", "```", "`", "x=", "**", "*", "{", ":",
     "}", "\x00", "\ud800", "def ", "-" * 200, "9" * 5000]
)  # fmt: skip


@given(st.lists(PIECES).map("".join))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    for call in parse_inputs(text, "grow", 5):
        ast.parse(call, mode="eval")


@pytest.mark.parametrize("piece", ["grow(", "grow('", "grow(1)\n", "grow(1, grow("])
def test_long_texts_take_no_long_time(piece: str) -> None:
    started = time.process_time()
    parse_inputs(piece * (200_000 // len(piece)), "grow", 5)
    assert time.process_time() - started < 5
