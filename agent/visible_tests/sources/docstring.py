"""The examples of the problem's docstring. Asks no model."""

from __future__ import annotations

from agent.types import Problem, VisibleTest
from agent.visible_tests.docstring.examples import docstring_tests
from agent.visible_tests.writer import Writer


async def tests(problem: Problem, writer: Writer) -> tuple[VisibleTest, ...]:
    """Return the examples, unless the settings leave them out."""
    return docstring_tests(problem) if writer.settings.docstring else ()
