"""Tests that are valid for every deterministic function: equal calls return equal values."""

from __future__ import annotations

from agent.types import Problem, VisibleTest
from agent.visible_tests.docstring.examples import docstring_examples
from agent.visible_tests.writer import Writer


async def tests(problem: Problem, writer: Writer) -> list[VisibleTest]:
    """Return tests of one problem. `await writer.ask(text, n)` asks the model for n answers.

    A program must pass the tests of origin `docstring`; those of origin `generated` are votes.
    """
    calls = [example.call for example in docstring_examples(problem) if not example.setup]
    return [
        VisibleTest(source=f"assert {call} == {call}", origin="generated", form="repeat")
        for call in calls[:1]
    ]
