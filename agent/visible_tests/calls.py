"""The calls of the entry point in visible tests: inputs that candidates can be compared on."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from agent.parsing.source import parse, unparse
from agent.types import VisibleTest
from agent.visible_tests.literals import is_value


def calls_of_tests(
    tests: Iterable[VisibleTest], entry_point: str, origin: str | None = None
) -> tuple[str, ...]:
    """The distinct calls with literal arguments in the tests of an origin, or of all."""
    chosen = (test.source for test in tests if origin in (None, test.origin))
    return tuple(dict.fromkeys(call for source in chosen for call in calls_in(source, entry_point)))


def calls_in(source: str, entry_point: str) -> Iterator[str]:
    """The calls with literal arguments in a source, in one form."""
    tree = parse(source)
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Call(func=ast.Name(id=name)) if name == entry_point:
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                text = unparse(node) if all(map(is_value, arguments)) else None
                if text is not None:
                    yield text
