"""Calls of the entry point in tests, if all arguments are literals."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from agent.parsing.source import is_shallow, parse, unparse
from agent.types import VisibleTest
from agent.visible_tests.literals import is_value


def calls_of_tests(
    tests: Iterable[VisibleTest], entry_point: str, origin: str | None = None
) -> tuple[str, ...]:
    """Return the distinct calls on literals in the tests of one origin, or in all tests."""
    chosen = (test.source for test in tests if origin in (None, test.origin))
    return tuple(dict.fromkeys(call for source in chosen for call in calls_in(source, entry_point)))


def calls_in(source: str, entry_point: str) -> Iterator[str]:
    """Yield the calls on literals in a source, in the format of `ast.unparse`."""
    texts = (unparse(call) for call in _calls(source, entry_point))
    return (text for text in texts if text is not None)


def first_call(source: str, entry_point: str) -> str | None:
    """Return the call on literals that stands first in a source; None if it has none."""
    calls = _calls(source, entry_point)
    first = min(calls, key=lambda call: (call.lineno, call.col_offset), default=None)
    return None if first is None else unparse(first)


def _calls(source: str, entry_point: str) -> Iterator[ast.Call]:
    tree = parse(source)
    if tree is None or not is_shallow(tree):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name == entry_point:
                if all(map(is_value, (*node.args, *(word.value for word in node.keywords)))):
                    yield node
