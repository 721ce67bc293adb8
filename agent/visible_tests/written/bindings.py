"""What names stand for in a test: literal values that were bound before, loop round by round.

Nothing is executed. A name that a statement may have changed is forgotten.
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

_ROWS, _NAMES = 32, 32
"""Rows of a loop that are unrolled, and names that are remembered at a time."""


class Binding(NamedTuple):
    """What a name stands for."""

    value: ast.expr
    size: int
    """Characters of its source."""


Row = dict[str, Binding]
"""The names that are bound at a place, in one round of the loops around it."""


class Rows:
    """The rows of the block that is being read, and of the blocks around it."""

    def __init__(self, entry_point: str, known: Collection[str]) -> None:
        self._entry_point, self._known = entry_point, known
        self._scopes: list[tuple[int, list[Row]]] = [(-1, [{}])]
        self._rounds: list[Row] = []

    def enter(self, indent: int) -> list[Row]:
        """The rows of the block that a line stands in."""
        while self._scopes[-1][0] > indent:
            self._scopes.pop()
        outer, rows = self._scopes[-1]
        if indent > outer:
            rows = self._rounds or [dict(row) for row in rows]
            self._rounds = []
            self._scopes.append((indent, rows))
        return rows

    def begin_next_with(self, rounds: list[Row]) -> None:
        """Set the rows of the block that comes next; without any, it goes on from those before."""
        self._rounds = rounds[:_ROWS]

    def bind(self, row: Row, target: ast.expr, value: ast.expr) -> None:
        """Let names stand for a value, as far as it is one that a test may use."""
        match target, value:
            case ast.Name(id=name), _:
                row.pop(name, None)
                source = unparse(value) if is_shallow(value) else None
                fits = source is not None and len(source) <= LONGEST and len(row) < _NAMES
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
        """A row for each round of a loop over literal items."""
        rows = []
        for item in _items(values)[:_ROWS]:
            rows.append(dict(row))
            self.bind(rows[-1], target, item)
        return rows

    def forget(self, source: str, node: ast.stmt | None) -> None:
        """Unbind what a statement may change: every name that it mentions, if it is not known."""
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
    """What a loop over literal items goes through; nothing for any other."""
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
