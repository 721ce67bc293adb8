"""Coverage: the number of HumanEval's docstring examples that are read, per notation."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise

import pytest

from agent.datasets import load
from agent.parsing.source import parse
from agent.types import Problem
from agent.visible_tests.docstring.examples import (
    DocstringExample,
    docstring_examples,
    docstring_tests,
)
from agent.visible_tests.executor import Executor
from experiments.recorded.suspects import own_solutions
from sandbox import open_sandbox
from sandbox.types import Limits, SandboxConfig

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


Found = list[tuple[Problem, tuple[DocstringExample, ...]]]


@pytest.fixture(scope="module")
def found() -> Found:
    return [(problem, docstring_examples(problem)) for problem in load("humaneval").problems]


def test_every_form_is_read_as_often_as_it_stands_there(found: Found) -> None:
    assert Counter(example.form for _, examples in found for example in examples) == SCORECARD


def test_only_four_prompts_hold_no_example(found: Found) -> None:
    empty = [problem.task_id for problem, examples in found if not examples]
    assert empty == ["HumanEval/38", "HumanEval/41", "HumanEval/50", "HumanEval/83"]


def test_a_span_lies_in_the_prompt_and_is_not_shared(found: Found) -> None:
    for problem, examples in found:
        spans = [example.span for example in examples]
        assert all(0 <= start < end <= len(problem.prompt) for start, end in spans)
        ordered = pairwise(sorted(spans))
        assert all(left[1] <= right[0] for left, right in ordered), problem.task_id


def test_calls_and_values_are_python(found: Found) -> None:
    for _, examples in found:
        for example in examples:
            assert parse(f"({example.call})\n({example.expected})") is not None


async def test_the_benchmarks_own_solutions_pass_but_where_its_prompts_are_wrong() -> None:
    """Solutions pass all examples that are read correctly, except four that are wrong."""
    solutions = own_solutions()
    wrong: list[tuple[str, int]] = []
    async with open_sandbox(SandboxConfig(backend="local")) as sandbox:

        async def one(problem: Problem) -> None:
            tests = [test.source for test in docstring_tests(problem)]
            executor, solution = Executor(problem, sandbox, Limits()), solutions[problem.task_id]
            outcomes = (await executor.run([solution], tests, tuple))[solution]
            wrong.extend(
                (problem.task_id, number)
                for number, outcome in enumerate(outcomes)
                if not outcome.passed
            )

        await asyncio.gather(*(one(problem) for problem in load("humaneval").problems))
    assert sorted(wrong) == [
        ("HumanEval/116", 0),  # these three sort by value, where the text says by ones in binary
        ("HumanEval/116", 1),
        ("HumanEval/116", 2),
        ("HumanEval/47", 1),  # 15.0 for a median that is 8.0
    ]
