"""Asserts that the model writes, from `tests.n` answers."""

from __future__ import annotations

from agent.parsing.source import defined_beside
from agent.prompts import messages_for_tests
from agent.types import Problem, VisibleTest
from agent.visible_tests.writer import Writer
from agent.visible_tests.written.parse import parse_tests


async def tests(problem: Problem, writer: Writer) -> tuple[VisibleTest, ...]:
    """Return the tests of all answers, in the order of the answers; () if `tests.n` is 0."""
    settings = writer.settings
    if settings.n == 0:
        return ()
    messages = messages_for_tests(problem, settings.count, writer.manner)
    beside = defined_beside(problem.prompt, problem.entry_point)
    return tuple(
        test
        for answer in await writer.ask(messages, settings.n)
        for test in parse_tests(answer.text, problem.entry_point, settings.count, known=beside)
    )
