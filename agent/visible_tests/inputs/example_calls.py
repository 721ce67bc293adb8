"""Calls of docstring examples as arguments, and arguments as calls. Nothing is executed."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence

from agent.parsing.source import expression, unparse
from agent.visible_tests.docstring.page import DocstringExample
from agent.visible_tests.inputs.argument_paths import Arguments
from agent.visible_tests.literals import LONGEST, evaluate


def known_arguments(examples: Sequence[DocstringExample], entry_point: str) -> list[Arguments]:
    """Return the arguments of each example that has some, all literals.

    Examples that need a setup are ignored; so are examples that raise, unless all examples raise.
    """
    chosen = [example for example in examples if example.raises is None] or examples
    found = (_arguments(example, entry_point) for example in chosen)
    return [arguments for arguments in found if arguments]


def _arguments(example: DocstringExample, entry_point: str) -> Arguments | None:
    """Return the arguments of an example's call; None if one of them is not a literal."""
    node = expression(example.call)
    match node:
        case ast.Call(func=ast.Name(id=name)) if name == entry_point and not example.setup:
            given = [*enumerate(node.args), *((word.arg, word.value) for word in node.keywords)]
        case _:
            return None
    arguments: Arguments = {}
    for key, value in given:
        source = unparse(value)
        if key is None or source is None:
            return None
        try:
            arguments[key] = evaluate(source)
            if len(repr(arguments[key])) > LONGEST:
                return None
        except ValueError:  # not a literal, or a number too large to print
            return None
    return arguments


def call_text(entry_point: str, arguments: Arguments) -> str:
    """Return a call as source."""
    given = [
        _literal(value) if isinstance(key, int) else f"{key}={_literal(value)}"
        for key, value in arguments.items()
    ]
    return f"{entry_point}({', '.join(given)})"


def formatted(text: str) -> str | None:
    """Return a call in the format of `ast.unparse`; None if it is too long."""
    node = expression(text) if len(text) <= LONGEST else None
    return None if node is None else unparse(node)


def _literal(value: object) -> str:
    """Return a value as source, equal in all processes: sets sorted, `float('inf')` for `inf`."""
    match value:
        case float() if not math.isfinite(value):
            return f"float('{value}')"
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case tuple():
            return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
        case set() if value:
            return f"{{{', '.join(sorted(map(_literal, value)))}}}"
        case dict():
            pairs = (f"{_literal(key)}: {_literal(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        case _:
            return repr(value)
