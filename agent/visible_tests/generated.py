"""Asserts that a model wrote, out of any text.

Every line that begins an assert is read on its own, so that prose, broken code and a cut end around
it do no harm. Nothing is executed: loops are not unrolled, and a local variable is not followed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from agent.parsing.fences import fenced_blocks, without_thinking
from agent.parsing.source import is_shallow, parse, unparse
from agent.types import VisibleTest
from agent.visible_tests.literals import balanced_end
from agent.visible_tests.trust import is_checkable

LIMIT = 8
"""Asserts kept of one answer, unless the caller says otherwise."""
LONGEST = 2000
"""Characters of an assert; a longer one is no example that anybody thought through."""

_LINE = re.compile(
    r"^[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)?`?(?P<code>assert\b|self\.assert\w+(?=\())", re.MULTILINE
)
_OPEN = re.compile(r"[(\[{]|\"|'|\n|$")
_EQUAL = frozenset(
    {
        "assertEqual",
        "assertEquals",
        "assertListEqual",
        "assertTupleEqual",
        "assertDictEqual",
        "assertSetEqual",
        "assertSequenceEqual",
        "assertMultiLineEqual",
    }
)


def parse_tests(
    text: str, entry_point: str, limit: int = LIMIT, continues: str = ""
) -> tuple[VisibleTest, ...]:
    """The first asserts of a model's answer that test the entry point, each one once.

    `continues` is what the text goes on from: `assert ` where the model was asked to complete one.
    `limit` counts what the model wrote, repetitions included; they add to `count`. Never raises.
    """
    answer = without_thinking(text)
    blocks = () if continues else fenced_blocks(answer)
    checks = (check for part in _parts(answer, blocks, continues) for check in _checks(part))
    sources = (_canonical(check, entry_point) for check in checks)
    kept = islice((source for source in sources if source is not None), limit)
    return merge(VisibleTest(source=text, origin="generated", form="assert") for text in kept)


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


def _parts(answer: str, blocks: tuple[str, ...], continues: str) -> Iterator[str]:
    """The texts that asserts are looked for in: fenced blocks where these hold any, else all."""
    if continues:
        yield (continues + answer).partition("\n```")[0]
    elif any(_LINE.search(block) for block in blocks):
        yield from blocks
    else:
        yield answer


def _checks(text: str) -> Iterator[ast.expr]:
    """What the asserts of a text check."""
    matches = [*_LINE.finditer(text), None]
    for match, following in pairwise(matches):
        if match is None:
            continue
        limit = following.start() if following else len(text)
        end = _statement_end(text, match.end("code"), min(limit, match.end() + LONGEST))
        tree = None if end is None else parse(text[match.start("code") : end].rstrip(" \t`,"))
        if tree is not None and is_shallow(tree):
            yield from (check for node in tree.body if (check := _check(node)) is not None)


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
    if match.group() in "([{":
        return balanced_end(text, match.start(), limit)
    quote = match.group()
    string = re.compile(rf"{quote}(?:\\.|[^{quote}\\\n])*{quote}").match(text, match.start(), limit)
    return string.end() if string else None


def _check(node: ast.stmt) -> ast.expr | None:
    """The expression that an assert, or a unittest method, wants to be true."""
    match node:
        case ast.Assert(test=test):
            return test
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name("self"), attr=name), args=arguments)
        ):
            return _unittest(name, arguments)
        case _:
            return None


def _unittest(name: str, arguments: list[ast.expr]) -> ast.expr | None:
    match name, arguments:
        case _, [left, right, *_] if name in _EQUAL:
            return ast.Compare(left, [ast.Eq()], [right])
        case "assertNotEqual", [left, right, *_]:
            return ast.Compare(left, [ast.NotEq()], [right])
        case "assertIn", [left, right, *_]:
            return ast.Compare(left, [ast.In()], [right])
        case "assertTrue", [check, *_]:
            return check
        case "assertFalse", [check, *_]:
            return ast.UnaryOp(ast.Not(), check)
        case "assertIsNone", [value, *_]:
            return ast.Compare(value, [ast.Is()], [ast.Constant(None)])
        case _:
            return None


def _canonical(check: ast.expr, entry_point: str) -> str | None:
    """The assert in its one form, or None where it says nothing or may not run."""
    for node in ast.walk(check):
        if isinstance(node, ast.Name) and node.id == "candidate":
            node.id = entry_point
    if not is_checkable(check, entry_point):
        return None
    source = unparse(ast.Assert(check, None))
    return source if source is not None and len(source) <= LONGEST else None
