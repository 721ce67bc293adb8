"""The scorecard: how many of HumanEval's docstring examples are read, form by form."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from agent.datasets import load
from agent.parsing.source import parse
from agent.visible_tests.docstring import docstring_examples

SCORECARD = {
    ">>>": 167,
    ">>> ==": 14,
    ">>> f(x) y": 1,
    "==": 63,
    "=>": 52,
    "➞": 37,
    "==>": 30,
    "For ... should": 25,
    "Input/Output": 18,
    "->": 14,
    "=": 11,
    "returns": 11,
    "should return": 11,
    "x = ... return": 4,
    "# returns": 2,
    "# =>": 2,
    "given ... return": 1,
}


@pytest.fixture(scope="module")
def found() -> dict[str, Counter[str]]:
    return {
        problem.task_id: Counter(example.form for example in docstring_examples(problem))
        for problem in load("humaneval").problems
    }


def test_every_form_is_read_as_often_as_it_stands_there(found: dict[str, Counter[str]]) -> None:
    total: Counter[str] = Counter()
    for forms in found.values():
        total += forms
    assert dict(total) == SCORECARD


def test_only_four_prompts_hold_no_example(found: dict[str, Counter[str]]) -> None:
    empty = [task for task, forms in found.items() if not forms]
    assert empty == ["HumanEval/38", "HumanEval/41", "HumanEval/50", "HumanEval/83"]


def test_a_span_lies_in_the_prompt_and_is_not_shared() -> None:
    for problem in load("humaneval").problems:
        spans = [example.span for example in docstring_examples(problem)]
        assert all(0 <= start < end <= len(problem.prompt) for start, end in spans)
        ordered = pairwise(sorted(spans))
        assert all(left[1] <= right[0] for left, right in ordered), problem.task_id


def test_calls_and_values_are_python() -> None:
    for problem in load("humaneval").problems:
        for example in docstring_examples(problem):
            assert parse(f"({example.call})\n({example.expected})") is not None
