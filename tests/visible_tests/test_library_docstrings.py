"""Docstrings in the style of other people's libraries: all that they state is read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from agent.types import Problem
from agent.visible_tests.docstring.examples import docstring_examples, docstring_tests
from agent.visible_tests.executor import Executor
from sandbox import open_sandbox
from sandbox.types import Limits, Outcome, SandboxConfig
from tests.visible_tests.library_cases import CASES, Case


def problem(case: Case) -> Problem:
    return Problem(task_id=case.name, prompt=case.prompt, entry_point=case.entry_point)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_all_that_is_stated_is_read_and_nothing_else(case: Case) -> None:
    found = docstring_examples(problem(case))
    assert [(example.call, example.expected) for example in found] == [*case.examples]


async def test_the_right_program_passes_all_of_them() -> None:
    """No example is false, and each becomes a test."""

    async with open_sandbox(SandboxConfig(backend="local")) as sandbox:

        async def one(case: Case) -> Sequence[Outcome]:
            tests = [test.source for test in docstring_tests(problem(case))]
            assert len(tests) == len(case.examples), case.name
            program = case.prompt + case.body
            return (await Executor(problem(case), sandbox, Limits()).run([program], tests, tuple))[
                program
            ]

        outcomes = await asyncio.gather(*map(one, CASES))
    failed = [
        (case.name, number, outcome.exception, outcome.message, outcome.actual)
        for case, found in zip(CASES, outcomes, strict=True)
        for number, outcome in enumerate(found)
        if not outcome.passed
    ]
    assert failed == []
