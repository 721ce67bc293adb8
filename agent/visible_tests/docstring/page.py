"""The input and output of the readers: a page of a prompt, and the examples on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.parsing.source import (
    EntryPoint,
    Text,
    expression,
    find_module_docstring,
    is_builtin,
    parse,
)
from agent.types import Problem, Record
from agent.visible_tests.docstring.callee import Callee, callee, find_header
from agent.visible_tests.docstring.markup import without_markup
from agent.visible_tests.literals import balanced_end, is_value, readings
from agent.visible_tests.names import bound_by, names_of


class DocstringExample(Record):
    """A call in a docstring, with the value or the exception that the text states for it."""

    call: str
    """An expression that calls the entry point."""
    expected: str | None = None
    """The value, as source; None if the call raises."""
    raises: str | None = None
    """Name of the exception that the call raises."""
    form: str
    """The notation: `>>>`, `=>`, `Input/Output`, ..."""
    span: tuple[int, int]
    """Start and end in the prompt, as character offsets."""
    confidence: float = 1.0
    """1 for an example that doctest would read too; lower, the more interpretation it took."""
    setup: str = ""
    """Statements to run before the call."""


class Page(NamedTuple):
    """The docstring of an entry point, as offsets in the prompt."""

    prompt: str
    source: str
    """The docstring without markup, padded with newlines so that offsets match the prompt's."""
    start: int
    end: int
    callee: Callee
    known: frozenset[str]
    """Names that the prompt defines."""
    escapes: bool
    """True if the docstring's literal is not raw, so that a backslash may begin an escape."""

    @property
    def text(self) -> str:
        """The docstring without markup."""
        return self.source[self.start : self.end]

    @property
    def entry_point(self) -> str:
        """The bare name of the entry point, as the docstring uses it."""
        return self.callee.name

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order, without `self` or `cls`."""
        return self.callee.parameters


def open_page(problem: Problem) -> Page | None:
    """Return the text of a prompt that may contain examples; None if it has no such text."""
    prompt = problem.prompt
    function = find_header(prompt, problem.entry_point.rpartition(".")[2])
    text = _text(prompt, function)
    if text is None:
        return None
    called = callee(prompt, problem.entry_point, function)
    known = _defined(prompt[: function.start if function else 0])
    return Page(
        prompt=prompt,
        source=_padded(prompt, text),
        start=text.start,
        end=text.end,
        callee=called,
        known=known | {called.owner} if called.owner else known,
        escapes=bool(text.quote) and not text.raw,
    )


def calls(page: Page, name: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of calls of a function, from the name to the closing bracket."""
    owner = r"(?:[^\W\d]\w*(?:\(\))?\.)?" if page.callee.owner else ""
    pattern = re.compile(rf"(?<![\w.])(?<!def ){owner}{re.escape(name)}\(")
    for match in pattern.finditer(page.source, page.start, page.end):
        end = balanced_end(page.source, match.end() - 1, page.end)
        if end is not None:
            yield match.start(), end


def plain_call(page: Page, start: int, end: int) -> str | None:
    """Return the source of a call if all its arguments are values, else None."""
    for reading in readings(page.source[start:end], escapes=page.escapes):
        node = expression(reading)
        if isinstance(node, ast.Call) and all(map(is_value, _arguments(node))):
            return reading
    return None


def overlaps(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    """Whether a span shares a character with one of the others."""
    return any(span[0] < end and start < span[1] for start, end in others)


def is_called(page: Page, tree: ast.AST) -> bool:
    """Whether a tree uses the entry point, as a function or as a method."""
    methods = (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return page.entry_point in names_of(tree) or (
        page.callee.owner is not None and page.entry_point in methods
    )


def is_known(name: str, page: Page) -> bool:
    """Whether a name is the entry point, a builtin, or defined by the prompt."""
    return name == page.entry_point or name in page.known or is_builtin(name)


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _defined(preamble: str) -> frozenset[str]:
    tree = parse(preamble)
    return frozenset(bound_by(tree)) if tree else frozenset()


def _text(prompt: str, function: EntryPoint | None) -> Text | None:
    """Return the docstring of the entry point or module, or a whole prompt that is not code."""
    if function is None:
        return find_module_docstring(prompt) or _whole_prompt(prompt)
    if parse(f"{prompt[: function.header].rstrip()} pass") is None:
        return _whole_prompt(prompt)
    return function.docstring or find_module_docstring(prompt)


def _padded(prompt: str, text: Text) -> str:
    """Return the text without markup, padded with newlines to the offsets of the prompt."""
    inside = without_markup(prompt[text.start : text.end])
    return "\n" * text.start + inside + "\n" * (len(prompt) - text.end)


def _whole_prompt(prompt: str) -> Text | None:
    return None if parse(prompt) else Text(0, len(prompt), "", True)
