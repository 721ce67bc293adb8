"""Tests that the loop may run: docstring examples, asserts that the model wrote, or a plug-in's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from agent.support.plugins import Function, Kind
from agent.support.safe_text import is_text
from agent.types import VisibleTest
from agent.visible_tests.writer import Source

__all__ = ["SOURCES", "Source", "load_sources"]


def _is_tests(value: object, *_: object) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(test, VisibleTest) and is_text(test.source) and is_text(test.form)
        for test in value
    )


SOURCES = Kind(
    name="visible-test source",
    setting="tests.sources",
    package="agent.visible_tests.sources",
    functions=(
        Function(
            "tests",
            ("problem", "writer"),
            "a list or tuple of VisibleTest",
            _is_tests,
            is_async=True,
        ),
    ),
)


def load_sources(names: Sequence[str]) -> tuple[Source, ...]:
    """Return sources of visible tests by their names or paths. Raises PluginError."""
    return tuple(cast(Source, SOURCES.load(name)) for name in names)
