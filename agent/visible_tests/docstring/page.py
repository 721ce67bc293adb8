"""What a form-reader sees of a prompt, and what it makes of it."""

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

    prompt: str
    source: str
    """The prompt without markup, and blank but for the docstring; offsets are the prompt's."""
    start: int
    end: int
    callee: Callee
    known: frozenset[str]
    """Names that the prompt defines."""
    escapes: bool
    """The literal is not raw, so that a backslash may be an escape."""

    @property
    def text(self) -> str:
        """The docstring as written."""
        return self.source[self.start : self.end]

    @property
    def entry_point(self) -> str:
        """The function as the text names it."""
        return self.callee.name

    @property
    def parameters(self) -> tuple[str, ...]:
        """What a call must give, in order."""
        return self.callee.parameters


def open_page(problem: Problem) -> Page | None:
    """The text of a prompt that may hold examples; None where it has none."""
    prompt = problem.prompt
    function = find_header(prompt, problem.entry_point.rpartition(".")[2])
    text = _text(prompt, function)
    if text is None:
        return None
    called = callee(prompt, problem.entry_point, function)
    known = _defined(prompt[: function.start if function else 0])
    return Page(
        prompt=prompt,
        source=_alone(prompt, text),
        start=text.start,
        end=text.end,
        callee=called,
        known=known | {called.owner} if called.owner else known,
        escapes=bool(text.quote) and not text.raw,
    )


def calls(page: Page, name: str) -> Iterator[tuple[int, int]]:
    """Where calls of a function stand, from the name to the closing bracket."""
    owner = r"(?:[^\W\d]\w*(?:\(\))?\.)?" if page.callee.owner else ""
    pattern = re.compile(rf"(?<![\w.])(?<!def ){owner}{re.escape(name)}\(")
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


def is_called(page: Page, tree: ast.AST) -> bool:
    """Whether a tree uses the entry point, as a function or as a method."""
    methods = (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return page.entry_point in names_of(tree) or (
        page.callee.owner is not None and page.entry_point in methods
    )


def is_known(name: str, page: Page) -> bool:
    """Whether a name means something outside the function's body."""
    return name == page.entry_point or name in page.known or is_builtin(name)


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _defined(preamble: str) -> frozenset[str]:
    tree = parse(preamble)
    return frozenset(bound_by(tree)) if tree else frozenset()


def _text(prompt: str, function: EntryPoint | None) -> Text | None:
    """The docstring of the entry point, or of its file; all of a prompt that is no program."""
    if function is None:
        return find_module_docstring(prompt) or _all_of(prompt)
    if parse(f"{prompt[: function.header].rstrip()} pass") is None:
        return _all_of(prompt)
    return function.docstring or find_module_docstring(prompt)


def _alone(prompt: str, text: Text) -> str:
    """The text where it stands, as if it began and ended with lines of its own."""
    inside = without_markup(prompt[text.start : text.end])
    return "\n" * text.start + inside + "\n" * (len(prompt) - text.end)


def _all_of(prompt: str) -> Text | None:
    return None if parse(prompt) else Text(0, len(prompt), "", True)
