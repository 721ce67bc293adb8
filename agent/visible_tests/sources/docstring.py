"""The examples of the problem's docstring. Does not ask the model."""

from __future__ import annotations

from agent.types import Problem, VisibleTest
from agent.visible_tests.docstring.examples import docstring_tests
from agent.visible_tests.writer import Writer


async def tests(problem: Problem, writer: Writer) -> tuple[VisibleTest, ...]:
    """Return the examples as tests, or () if the setting `tests.docstring` is off."""
    return docstring_tests(problem) if writer.settings.docstring else ()
