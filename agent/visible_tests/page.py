"""What a form-reader sees of a prompt, and what it makes of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.parsing.source import (
    Text,
    expression,
    find_function,
    find_module_docstring,
    is_builtin,
    parse,
)
from agent.types import Problem, Record
from agent.visible_tests.literals import balanced_end, is_value, readings


class Example(Record):
    """What a docstring says that one call gives."""

    call: str
    """An expression that calls the entry point."""
    expected: str | None = None
    """The value, as source; None where the call raises."""
    raises: str | None = None
    """Name of the exception."""
    form: str
    """How it is written: `>>>`, `=>`, `Input/Output`, ..."""
    span: tuple[int, int]
    """Where it stands in the prompt, as character offsets."""
    confidence: float = 1.0
    """1 for what doctest would read as well; lower, the more of a reading it took."""
    setup: str = ""
    """Statements that stand before the call."""


class Page(NamedTuple):
    """The docstring of an entry point, as offsets in the prompt."""

    source: str
    start: int
    end: int
    entry_point: str
    parameters: tuple[str, ...]
    known: frozenset[str]
    """Names that the prompt defines."""
    escapes: bool
    """The literal is not raw, so that a backslash may be an escape."""

    @property
    def text(self) -> str:
        """The docstring as written."""
        return self.source[self.start : self.end]


def open_page(problem: Problem) -> Page | None:
    """The text of a prompt that may hold examples; None where it has none."""
    function = find_function(problem.prompt, problem.entry_point)
    text = function.docstring if function else None
    if function is None:
        text = find_module_docstring(problem.prompt) or _all_of(problem.prompt)
    if text is None:
        return None
    return Page(
        source=problem.prompt,
        start=text.start,
        end=text.end,
        entry_point=problem.entry_point,
        parameters=function.parameters if function else (),
        known=_defined(problem.prompt[: function.start if function else 0]),
        escapes=bool(text.quote) and not text.raw,
    )


def calls(page: Page, name: str) -> Iterator[tuple[int, int]]:
    """Where calls of a function stand, from the name to the closing bracket."""
    pattern = re.compile(rf"(?<![\w.]){re.escape(name)}\(")
    for match in pattern.finditer(page.source, page.start, page.end):
        end = balanced_end(page.source, match.end() - 1, page.end)
        if end is not None:
            yield match.start(), end


def plain_call(page: Page, start: int, end: int) -> str | None:
    """The source of a call whose arguments are values; None for any other."""
    for reading in readings(page.source[start:end], escapes=page.escapes):
        node = expression(reading)
        if isinstance(node, ast.Call) and all(map(is_value, _arguments(node))):
            return reading
    return None


def overlaps(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    """Whether a span shares a character with one of the others."""
    return any(span[0] < end and start < span[1] for start, end in others)


def names_of(tree: ast.AST) -> set[str]:
    """Names that a tree reads."""
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def bound_by(tree: ast.AST) -> set[str]:
    """Names that a tree gives a meaning: assigned, imported, defined, or an argument."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                bound.add(name)
            case ast.ClassDef(name=name):
                bound.add(name)
            case ast.alias(name=name, asname=alias):
                bound.add(alias or name.partition(".")[0])
    return bound


def is_known(name: str, page: Page) -> bool:
    """Whether a name means something outside the function's body."""
    return name == page.entry_point or name in page.known or is_builtin(name)


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _defined(preamble: str) -> frozenset[str]:
    tree = parse(preamble)
    return frozenset(bound_by(tree)) if tree else frozenset()


def _all_of(prompt: str) -> Text | None:
    """A prompt that is no program is all text."""
    return None if parse(prompt) else Text(0, len(prompt), "", True)
