"""Tests that a model wrote, out of any text.

Every line that begins a statement is read on its own, so that prose, broken code and a cut end
around it do no harm. Nothing is executed: values that were bound just before are written into the
assert, loops and `parametrize` over literal rows are unrolled, and what else a test does is lost.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from agent.parsing.fences import fenced_blocks, without_thinking
from agent.parsing.source import expression, is_shallow, parse, unparse
from agent.types import VisibleTest
from agent.visible_tests.docstring import _raising
from agent.visible_tests.literals import balanced_end, is_value
from agent.visible_tests.trust import (
    PURE,
    Check,
    calls,
    checks_of,
    is_checkable,
    is_pure,
    raised_by,
)

LIMIT = 8
"""Tests kept of one answer, unless the caller says otherwise."""
LONGEST = 2000
"""Characters of a statement; a longer one is no example that anybody thought through."""

_ROWS, _NAMES = 32, 32
"""Rows of a loop that are unrolled, and names that are remembered at a time."""
_HEAD = re.compile(
    r"""^(?P<indent>[ \t]*+)
    (?:(?:[-*+]|\d+[.)])[ \t]+|>>>[ \t]
    |[^\w\n]{0,4}(?i:test|case|example)[^\n:=(`]{0,40}:[^\w\n]{0,3}[ \t]+
    |[^`\n]*+(?=`assert\b))?(?P<tick>`?)
    (?P<code>(?:assert|for|with|def|class|if|while|try|except|else|return)\b|self\.assert\w+\(|@
    |\w[\w, \t]*+(?::[^=\n]+)?=(?!=)|pytest\.raises\()""",
    re.MULTILINE | re.VERBOSE,
)
_OPEN = re.compile(r"[(\[{]|\"|'|\#[^\n]*|\\\n|\n|$")
_STRING = re.compile(
    r'"{3}.*?"{3}|\'{3}.*?\'{3}|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL
)
_QUOTED = re.compile(r'(?<=[\[,\s])("assert\b(?:\\.|[^"\\\n])*"|\'assert\b(?:\\.|[^\'\\\n])*\')')
_PROMPTED = re.compile(r"^[ \t]*>>>[ \t]*(?P<call>[^\n]+)\n[ \t]*(?P<value>[^\n>]+)$", re.MULTILINE)
_NEUTRAL = re.compile(r"#|print\(|with[ \t]+self\.subTest\(|[\"']|$")


def parse_tests(
    text: str,
    entry_point: str,
    limit: int = LIMIT,
    continues: str = "",
    known: Collection[str] = (),
) -> tuple[VisibleTest, ...]:
    """The first tests of the entry point in a model's answer, each one once. Never raises.

    `continues` is what the text goes on from: `assert ` where the model was asked to complete one.
    `limit` counts what the model wrote, repetitions included; they add to `count`. `known` are
    names that the prompt defines, which tests may use too.
    """
    answer = without_thinking(text)
    parts = (continues + answer).partition("\n```")[0] if continues else answer
    blocks = () if continues else fenced_blocks(answer)
    for form in (_as_written, _quoted, _prompted):
        for texts in (blocks, (parts,)):
            checks = (check for part in texts for check in _checks(form(part), entry_point, known))
            tests = (_test(check, entry_point, known) for check in checks)
            found = tuple(islice((test for test in tests if test is not None), max(limit, 0)))
            if found:
                return merge(found)
    return ()


def merge(tests: Iterable[VisibleTest]) -> tuple[VisibleTest, ...]:
    """Each test once, in the order of the first appearance, with the counts added up.

    A docstring example that was generated as well keeps its origin.
    """
    merged: dict[str, VisibleTest] = {}
    for test in tests:
        same = merged.get(test.source)
        if same is None:
            merged[test.source] = test
            continue
        kept = test if test.origin == "docstring" and same.origin != "docstring" else same
        merged[test.source] = kept.model_copy(update={"count": same.count + test.count})
    return tuple(merged.values())


def _as_written(text: str) -> str:
    return text


def _quoted(text: str) -> str:
    """The asserts that are items of a list of strings, JSON's or Python's."""
    items = (expression(match[1]) for match in _QUOTED.finditer(text))
    return "\n".join(str(item.value) for item in items if isinstance(item, ast.Constant))


def _prompted(text: str) -> str:
    """What stands after `>>>`, with the value on the line below, as asserts."""
    found = ((expression(match["call"]), match) for match in _PROMPTED.finditer(text))
    return "\n".join(
        f"assert {match['call']} == {match['value']}"
        for call, match in found
        if isinstance(call, ast.Call) and (value := expression(match["value"])) and is_value(value)
    )


def _test(check: Check, entry_point: str, known: Collection[str]) -> VisibleTest | None:
    """A check in its one form, or None where it says nothing or may not run."""
    if not is_shallow(check.expression) or not is_checkable(check.expression, entry_point, known):
        return None
    if check.raises is None:
        source = unparse(ast.Assert(check.expression, None))
    else:
        call = unparse(check.expression)
        source = None if call is None else _raising(call, check.raises)
    if source is None or len(source) > LONGEST:
        return None
    names = {node.id for node in ast.walk(check.expression) if isinstance(node, ast.Name)}
    setup = "import math\n" if "math" in names - set(known) else ""
    form = "assert" if check.raises is None else "raises"
    return VisibleTest(source=setup + source, origin="generated", form=form)


def _checks(text: str, entry_point: str, known: Collection[str]) -> Iterator[Check]:
    reader = _Reader(entry_point, known)
    for indent, source in _statements(text):
        yield from reader.read(indent, source)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements and the other lines of a text, with their indentation.

    A statement may go over several lines, up to one that begins a statement no deeper than it.
    """
    heads = {match.start(): match for match in _HEAD.finditer(text)}
    limits = _limits(heads, len(text))
    position = 0
    while position < len(text):
        match = heads.get(position)
        line_end = text.find("\n", position)
        end: int | None = len(text) if line_end < 0 else line_end
        line = text[position:end]
        indent = len(line) - len(line.lstrip())
        if match is not None:
            stop = _statement_end(text, match.start("code"), limits[position])
            if match["tick"]:
                tick = text.find("`", match.end("tick"))
                stop = tick if 0 <= tick < (end or 0) else stop
            end = stop if stop is not None else end
            line = text[match.start("code") : end]
            indent = len(match["indent"])
        if line.strip():
            # An item of a list of asserts may end in a comma; that of `x = 1,` makes it a tuple.
            yield indent, line.strip("` \t\r\n").rstrip("," if "assert" in line else "")
        position = text.find("\n", end) + 1 or len(text)


def _limits(heads: dict[int, re.Match[str]], length: int) -> dict[int, int]:
    """For each statement, where at the latest it ends."""
    limits: dict[int, int] = {}
    later: list[tuple[int, int]] = []
    for start, match in reversed(heads.items()):
        indent = len(match["indent"])
        while later and later[-1][1] > indent:
            later.pop()
        limits[start] = min(later[-1][0] if later else length, match.end() + LONGEST)
        later.append((start, indent))
    return limits


def _statement_end(text: str, start: int, limit: int) -> int | None:
    """Where the statement ends: at the first line end outside brackets and strings."""
    position = start
    while position < limit:
        match = _OPEN.search(text, position, limit)
        if match is None or match.group() in {"\n", ""}:
            return match.start() if match else None
        end = _skipped(text, match, limit)
        if end is None:
            return None
        position = end
    return position if position == limit else None


def _skipped(text: str, match: re.Match[str], limit: int) -> int | None:
    """Offset after the bracket or the string that opens at a match; None where it never closes."""
    if match.group() in {"(", "[", "{"}:
        return balanced_end(text, match.start(), limit)
    if match.group() not in {'"', "'"}:
        return match.end()
    string = _STRING.match(text, match.start(), limit)
    return string.end() if string else None


class _Bound(NamedTuple):
    """What a name stands for."""

    value: ast.expr
    size: int


Row = dict[str, _Bound]
"""The names that are bound at a place, in one round of the loops around it."""


class _Reader:
    """Reads statements in their order, and remembers what was bound to literal values."""

    def __init__(self, entry_point: str, known: Collection[str]) -> None:
        self._entry_point, self._known = entry_point, known
        self._scopes: list[tuple[int, list[Row]]] = [(-1, [{}])]
        self._rounds: list[Row] = []
        """What the block that a loop or a decorator opens begins with."""
        self._raising: tuple[int, str] | None = None
        """Indentation and exception of the `with raises` that is open."""

    def read(self, indent: int, source: str) -> Iterator[Check]:
        """What a statement checks, once for every round of the loops around it."""
        rows = self._enter(indent)
        if _NEUTRAL.match(source):
            return
        rounds: list[Row] = []
        last: ast.stmt | None = None
        for row in rows:
            for node in self._nodes(source, row):
                checks = list(self._statement(node, row, indent, rounds))
                last = ast.Assert(checks[0].expression) if checks else node
                yield from checks
        if isinstance(last, ast.Assert):
            self._raising = None
        if rounds or not source.startswith(("def ", "@")):
            self._rounds = rounds[:_ROWS]
        self._forget(source, last)

    def _enter(self, indent: int) -> list[Row]:
        """The rows of the block that a line stands in."""
        while self._scopes[-1][0] > indent:
            self._scopes.pop()
        outer, rows = self._scopes[-1]
        if indent > outer:
            rows = self._rounds or [dict(row) for row in rows]
            self._rounds = []
            self._scopes.append((indent, rows))
        if self._raising and indent <= self._raising[0]:
            self._raising = None
        return rows

    def _nodes(self, source: str, row: Row) -> list[ast.stmt]:
        """The statement, with the names that are bound written out; nothing where that is long."""
        size = sum(row[word].size for word in re.findall(r"\w+", source) if word in row)
        tree = parse(_whole(source)) if size + len(source) <= 2 * LONGEST else None
        if tree is None or not is_shallow(tree):
            return []
        inlined = _Inlined(row, self._entry_point, self._known, tree)
        return [node for node in map(inlined.visit, tree.body) if isinstance(node, ast.stmt)]

    def _statement(
        self, node: ast.stmt, row: Row, indent: int, rounds: list[Row]
    ) -> Iterator[Check]:
        match node:
            case ast.Assign(value=value) | ast.Expr(value=value) if self._raises(value):
                yield Check(value, self._raising[1] if self._raising else None)
            case ast.Assign(targets=[target], value=value):
                self._bind(row, target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(row, target, value)
            case ast.For(target=target, iter=values, body=[ast.Pass()]):
                rounds += self._unrolled(row, target, values)
            case ast.With(items=[ast.withitem(context_expr=context)], body=[first]):
                kind = raised_by(context)
                if kind and isinstance(first, ast.Expr):
                    yield Check(first.value, kind)
                self._raising = (indent, kind) if kind else None
            case ast.FunctionDef(decorator_list=[ast.Call() as decorator]):
                rounds += self._parametrized(row, decorator)
            case _:
                yield from checks_of(node)

    def _raises(self, value: ast.expr) -> bool:
        return self._raising is not None and calls(value, self._entry_point)

    def _bind(self, row: Row, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Name(id=name), _:
                row.pop(name, None)
                source = unparse(value) if is_shallow(value) else None
                fits = source is not None and len(source) <= LONGEST and len(row) < _NAMES
                if source and fits and is_pure(value, self._entry_point, self._known):
                    row[name] = _Bound(value, len(source))
            case (
                (ast.Tuple(elts=targets) | ast.List(elts=targets)),
                (ast.Tuple(elts=values) | ast.List(elts=values)),
            ) if len(targets) == len(values):
                for one, item in zip(targets, values, strict=True):
                    self._bind(row, one, item)
            case _:
                for name in _stored(target):
                    row.pop(name, None)

    def _unrolled(self, row: Row, target: ast.expr, values: ast.expr) -> list[Row]:
        """A row for each round of a loop over literal items."""
        rows = []
        for item in (_items(values))[:_ROWS]:
            rows.append(dict(row))
            self._bind(rows[-1], target, item)
        return rows

    def _parametrized(self, row: Row, decorator: ast.Call) -> list[Row]:
        match decorator:
            case ast.Call(
                func=ast.Attribute(attr="parametrize"),
                args=[names, values, *_],
            ):
                words = [node.value for node in ast.walk(names) if isinstance(node, ast.Constant)]
                target = expression(", ".join(map(str, words)))
                return self._unrolled(row, target, values) if target else []
            case _:
                return []

    def _forget(self, source: str, node: ast.stmt | None) -> None:
        """Unbind what a statement may change: every name that it mentions, if it is not known."""
        scopes = self._scopes
        match node:
            case ast.Assert():
                return
            case ast.Assign() | ast.AnnAssign():
                _unbind(scopes[:-1], _stored(node))
                _unbind(scopes, re.findall(r"(\w+)\.", source))
            case ast.For(target=target):
                _unbind(scopes, _stored(target))
            case _:
                _unbind(scopes, re.findall(r"\w+", source))


def _unbind(scopes: Iterable[tuple[int, list[Row]]], names: Iterable[str]) -> None:
    rows = [row for _, rows in scopes for row in rows if row]
    for name in names if rows else ():
        for row in rows:
            row.pop(name, None)


class _Inlined(ast.NodeTransformer):
    """Writes bound values for their names, and calls of the entry point by its name alone."""

    def __init__(self, row: Row, entry_point: str, known: Collection[str], tree: ast.AST) -> None:
        inner = (node for node in ast.walk(tree) if isinstance(node, (ast.comprehension, ast.arg)))
        hidden = {name for node in inner for name in _stored(node)}
        self._row = {name: bound for name, bound in row.items() if name not in hidden}
        self._entry_point = entry_point
        self._given = PURE | {"math", *known, *row}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return node
        if node.id in self._row:
            return self._row[node.id].value
        return ast.Name(self._entry_point, node.ctx) if node.id == "candidate" else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node.func:
            case ast.Attribute(value=owner, attr=name) if name == self._entry_point:
                if self._is_namespace(owner):
                    node.func = ast.Name(name, ast.Load())
        self.generic_visit(node)
        node.args = [item for argument in node.args for item in _spread(argument)]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Subscript(
                value=ast.Tuple(elts=items) | ast.List(elts=items),
                slice=ast.Constant(value=int(index)),
            ) if index < len(items):
                return items[index]
            case ast.Subscript(
                value=ast.Dict(keys=keys, values=items), slice=ast.Constant() as key
            ):
                said = [ast.dump(known) if known else "" for known in keys]
                return items[said.index(ast.dump(key))] if ast.dump(key) in said else node
            case _:
                return node

    def _is_namespace(self, owner: ast.expr) -> bool:
        """Whether this may be what the entry point was taken to stand in: a module, a class."""
        match owner:
            case ast.Name(id=name) | ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
                return name not in self._given
            case ast.Attribute(value=ast.Name(id="self")):
                return True
            case _:
                return False


def _spread(argument: ast.expr) -> list[ast.expr]:
    match argument:
        case ast.Starred(value=ast.Tuple(elts=items) | ast.List(elts=items)):
            return items
        case _:
            return [argument]


def _stored(tree: ast.AST) -> set[str]:
    """Names that a tree binds."""
    names = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return names | {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


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


def _whole(source: str) -> str:
    """A source that parses where only the block that it opens is missing."""
    if source.startswith("@"):
        return f"{source}\ndef _(): pass"
    return f"{source} pass" if source.endswith(":") else source
