"""Visible tests: docstring examples, asserts that the model wrote, and tests of plug-ins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from agent.support.plugins import PluginFunction, PluginKind
from agent.support.safe_text import is_text
from agent.types import VisibleTest
from agent.visible_tests.writer import VisibleTestSource

__all__ = ["SOURCES", "Source", "load_sources"]


def _is_tests(value: object, *_: object) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(test, VisibleTest) and is_text(test.source) and is_text(test.form)
        for test in value
    )


SOURCES = PluginKind(
    name="visible-test source",
    setting="tests.sources",
    package="agent.visible_tests.sources",
    functions=(
        PluginFunction(
            "tests",
            ("problem", "writer"),
            "a list or tuple of VisibleTest",
            _is_tests,
            is_async=True,
        ),
    ),
)


def load_sources(names: Sequence[str]) -> tuple[VisibleTestSource, ...]:
    """Load sources of visible tests by name or path. Raises PluginError if one is invalid."""
    return tuple(cast(VisibleTestSource, SOURCES.load(name)) for name in names)
