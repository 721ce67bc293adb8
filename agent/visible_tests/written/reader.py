"""Reader of a test's statements: tracks bindings and yields the assertions."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from agent.parsing.source import expression, is_shallow, parse
from agent.visible_tests.written.bindings import Row, Rows
from agent.visible_tests.written.checks import Assertion, checks_of, raised_by
from agent.visible_tests.written.inlined import inlined
from agent.visible_tests.written.loose_statements import LONGEST
from agent.visible_tests.written.purity import calls

_NEUTRAL = re.compile(r"#|print\(|with[ \t]+self\.subTest\(|[\"']|$")


class Reader:
    """Reads statements in order, and tracks the names that are bound to literal values."""

    def __init__(self, entry_point: str, known: Collection[str]) -> None:
        self._entry_point, self._known = entry_point, known
        self._rows = Rows(entry_point, known)
        self._raising: tuple[int, str] | None = None
        """Indentation and exception of the open `with raises` block; None outside one."""

    def read(self, indent: int, source: str) -> Iterator[Assertion]:
        """Yield the assertions of a statement, for each iteration of the loops around it."""
        rows = self._rows.enter(indent)
        if self._raising and indent <= self._raising[0]:
            self._raising = None
        if _NEUTRAL.match(source):
            return
        opened_rows: list[Row] = []
        last: ast.stmt | None = None
        for row in rows:
            for node in self._nodes(source, row):
                checks = list(self._statement(node, row, indent, opened_rows))
                last = ast.Assert(checks[0].expression) if checks else node
                yield from checks
        if isinstance(last, ast.Assert):
            self._raising = None
        if opened_rows or not source.startswith(("def ", "@")):
            self._rows.begin_next_with(opened_rows)
        self._rows.forget(source, last)

    def _nodes(self, source: str, row: Row) -> list[ast.stmt]:
        """Return the statement with bound names replaced by their values; [] if it is too long."""
        size = sum(row[word].size for word in re.findall(r"\w+", source) if word in row)
        tree = parse(_completed(source)) if size + len(source) <= 2 * LONGEST else None
        if tree is None or not is_shallow(tree):
            return []
        return inlined(tree, row, self._entry_point, self._known)

    def _statement(
        self, node: ast.stmt, row: Row, indent: int, opened_rows: list[Row]
    ) -> Iterator[Assertion]:
        """Yield the assertions in one iteration; add the rows of a loop to `opened_rows`."""
        match node:
            case ast.Assign(value=value) | ast.Expr(value=value) if self._raises(value):
                yield Assertion(value, self._raising[1] if self._raising else None)
            case ast.Assign(targets=[target], value=value):
                self._rows.bind(row, target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._rows.bind(row, target, value)
            case ast.For(target=target, iter=values, body=[ast.Pass()]):
                opened_rows += self._rows.unrolled(row, target, values)
            case ast.With(items=[ast.withitem(context_expr=context)], body=[first]):
                kind = raised_by(context)
                if kind and isinstance(first, ast.Expr):
                    yield Assertion(first.value, kind)
                self._raising = (indent, kind) if kind else None
            case ast.FunctionDef(
                decorator_list=[
                    ast.Call(func=ast.Attribute(attr="parametrize"), args=[names, values, *_])
                ]
            ):
                parameters = _parameters(names)
                opened_rows += self._rows.unrolled(row, parameters, values) if parameters else []
            case _:
                yield from checks_of(node)

    def _raises(self, value: ast.expr) -> bool:
        return self._raising is not None and calls(value, self._entry_point)


def _parameters(names: ast.expr) -> ast.expr | None:
    """Return the names that `parametrize` binds, `"x, y"` or `["x", "y"]`, as one target."""
    words = [str(node.value) for node in ast.walk(names) if isinstance(node, ast.Constant)]
    return expression(", ".join(words))


def _completed(source: str) -> str:
    """Complete a source that lacks only the block that it opens, so that it parses."""
    if source.startswith("@"):
        return f"{source}\ndef _(): pass"
    return f"{source} pass" if source.endswith(":") else source
