"""Bindings of names to literal values in a model's tests, for each iteration of its loops.

Nothing is executed. The binding of a name is dropped if a statement may have changed its value.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from agent.parsing.source import is_shallow, unparse
from agent.visible_tests.names import bound_by
from agent.visible_tests.written.loose_statements import LONGEST
from agent.visible_tests.written.purity import is_pure

_MAX_ROWS, _MAX_NAMES = 32, 32
"""Maximum number of unrolled iterations of a loop, and of bound names per iteration."""


class Binding(NamedTuple):
    """The value that a name is bound to."""

    value: ast.expr
    size: int
    """Length of the value's source, in characters."""


Row = dict[str, Binding]
"""The bindings at a statement, in one iteration of the loops around it."""


class Rows:
    """The rows (one per iteration) of the block that is being read and of the enclosing blocks."""

    def __init__(self, entry_point: str, known: Collection[str]) -> None:
        self._entry_point, self._known = entry_point, known
        self._scopes: list[tuple[int, list[Row]]] = [(-1, [{}])]
        self._next_rows: list[Row] = []

    def enter(self, indent: int) -> list[Row]:
        """Return the rows of the block that a line with this indentation belongs to."""
        while self._scopes[-1][0] > indent:
            self._scopes.pop()
        outer, rows = self._scopes[-1]
        if indent > outer:
            rows = self._next_rows or [dict(row) for row in rows]
            self._next_rows = []
            self._scopes.append((indent, rows))
        return rows

    def begin_next_with(self, rounds: list[Row]) -> None:
        """Set the rows of the next block; if there are none, it copies those of its parent."""
        self._next_rows = rounds[:_MAX_ROWS]

    def bind(self, row: Row, target: ast.expr, value: ast.expr) -> None:
        """Bind a target to a value if tests may use the value, else unbind the target's names."""
        match target, value:
            case ast.Name(id=name), _:
                row.pop(name, None)
                source = unparse(value) if is_shallow(value) else None
                fits = source is not None and len(source) <= LONGEST and len(row) < _MAX_NAMES
                if source and fits and is_pure(value, self._entry_point, self._known):
                    row[name] = Binding(value, len(source))
            case (
                (ast.Tuple(elts=targets) | ast.List(elts=targets)),
                (ast.Tuple(elts=values) | ast.List(elts=values)),
            ) if len(targets) == len(values):
                for one, item in zip(targets, values, strict=True):
                    self.bind(row, one, item)
            case _:
                for name in bound_by(target):
                    row.pop(name, None)

    def unrolled(self, row: Row, target: ast.expr, values: ast.expr) -> list[Row]:
        """Return one row per iteration of a loop over literal items."""
        rows = []
        for item in _items(values)[:_MAX_ROWS]:
            rows.append(dict(row))
            self.bind(rows[-1], target, item)
        return rows

    def forget(self, source: str, node: ast.stmt | None) -> None:
        """Unbind the names that a statement may change: all that it mentions, if in doubt."""
        match node:
            case ast.Assert():
                return
            case ast.Assign() | ast.AnnAssign():
                _unbind(self._scopes[:-1], bound_by(node))
                _unbind(self._scopes, re.findall(r"(\w+)\.", source))
            case ast.For(target=target):
                _unbind(self._scopes, bound_by(target))
            case _:
                _unbind(self._scopes, re.findall(r"\w+", source))


def _unbind(scopes: Iterable[tuple[int, list[Row]]], names: Iterable[str]) -> None:
    rows = [row for _, rows in scopes for row in rows if row]
    for name in names if rows else ():
        for row in rows:
            row.pop(name, None)


def _items(values: ast.expr) -> list[ast.expr]:
    """Return the items of a loop over literal items; none for any other loop."""
    match values:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return items
        case ast.Call(func=ast.Name("zip"), args=columns, keywords=[]):
            rows = zip(*map(_items, columns), strict=False)
            return [ast.Tuple(list(row), ast.Load()) for row in rows]
        case ast.Call(func=ast.Name("enumerate"), args=[inner]):
            pairs = enumerate(_items(inner))
            return [ast.Tuple([ast.Constant(i), item], ast.Load()) for i, item in pairs]
        case ast.Call(func=ast.Attribute(value=ast.Dict(keys=keys, values=items), attr="items")):
            known = [(key, item) for key, item in zip(keys, items, strict=True) if key]
            return [ast.Tuple([key, item], ast.Load()) for key, item in known]
        case _:
            return []
