"""Reader of `assert f(x) == y` and of other Python asserts that call the entry point."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

from agent.parsing.source import is_shallow, parse, unparse
from agent.visible_tests.docstring.page import DocstringExample, Page, is_called, is_known
from agent.visible_tests.literals import LONGEST, readings
from agent.visible_tests.names import bound_by, names_of
from agent.visible_tests.standard_values import WORDS

_ASSERT = re.compile(r"(?<![\w.])assert\b[ \t(]*")
_ABOVE = re.compile(r"[ \t]*(?:[^\W\d]\w*[ \t]*=(?!=)|import[ \t]|from[ \t]|assert\b)")
_MAX_LINES = 30
_MODULES = frozenset({"cmath", "collections", "datetime", "decimal", "fractions", "math", "re"})
"""Modules that an assert may use without importing them: its setup imports them."""


def read_asserts(page: Page) -> Iterator[DocstringExample]:
    """Yield asserts that call the entry point, with a setup taken from the lines above them."""
    for match in _ASSERT.finditer(page.source, page.start, page.end):
        found = _statement(page, match.start())
        if found is None or not is_shallow(found[0]):
            continue
        node, end = found
        if not page.callee.is_class and not is_called(page, node):
            continue
        setup = _setup(page, match.start(), node)
        call, expected = _sides(page, node.test)
        if setup is None or call is None or expected is None:
            continue
        if page.entry_point not in f"{setup}\n{call}\n{expected}":
            continue
        yield DocstringExample(
            call=call, expected=expected, form="assert", span=(match.start(), end), setup=setup
        )


def _statement(page: Page, start: int) -> tuple[ast.Assert, int] | None:
    """Return the assert that begins at an offset, and its end; it may span several lines."""
    end = start
    for _ in range(_MAX_LINES):
        end = page.source.find("\n", end + 1, page.end)
        end = page.end if end < 0 else end
        if end - start > LONGEST:
            return None
        for source in (page.prompt, page.source):
            node = _parsed(page, source[start:end])
            if node is not None:
                return node, start + len(source[start:end].rstrip())
        if end == page.end:
            return None
    return None


def _parsed(page: Page, text: str) -> ast.Assert | None:
    for reading in readings(text, escapes=page.escapes):
        tree = parse(reading)
        if tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Assert):
            return tree.body[0]
    return None


def _setup(page: Page, start: int, node: ast.Assert) -> str | None:
    """Return the statements that an assert needs before it; None if a name stays undefined."""
    # A call of a method in an assert may change the object that later asserts are about.
    kept = page.callee.is_class
    above = [item for item in _above(page, start) if kept or not isinstance(item, ast.Assert)]
    wanted = {name for name in names_of(node) - bound_by(node) if not is_known(name, page)}
    needed: list[ast.stmt] = []
    for statement in reversed(above):
        read = names_of(statement) if isinstance(statement, ast.Assert) else set()
        if (bound_by(statement) | read) & wanted:
            needed.insert(0, statement)
            wanted |= {name for name in names_of(statement) if not is_known(name, page)}
    wanted -= set().union(*map(bound_by, needed))
    if not wanted <= _MODULES | WORDS:
        return None
    imports: list[ast.stmt] = [ast.Import([ast.alias(name)]) for name in sorted(wanted & _MODULES)]
    return unparse(ast.Module(body=[*imports, *needed], type_ignores=[]))


def _above(page: Page, start: int) -> list[ast.stmt]:
    """Return the one-line statements on the lines directly above an offset."""
    lines: list[str] = []
    first = page.source.rfind("\n", page.start, start) + 1
    while first > page.start and len(lines) < _MAX_LINES:
        previous = max(page.source.rfind("\n", page.start, first - 1) + 1, page.start)
        line = page.source[previous : first - 1]
        if not _ABOVE.match(line):
            break
        lines.insert(0, line)
        first = previous
    tree = parse(textwrap.dedent("\n".join(lines)))
    return tree.body if tree else []


def _sides(page: Page, test: ast.expr) -> tuple[str | None, str | None]:
    """Return the call and its value; any other condition becomes a call that must give True."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            if is_called(page, left) != is_called(page, right):
                call, value = (left, right) if is_called(page, left) else (right, left)
                return unparse(call), unparse(value)
            return unparse(test), "True"
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return unparse(test), "True"
        case _:
            return unparse(ast.Call(ast.Name("bool"), [test], [])), "True"
