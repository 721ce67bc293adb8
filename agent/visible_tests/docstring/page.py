"""The input and output of the readers: pages of a prompt, and the examples on them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from agent.parsing.source import (
    EntryPoint,
    Text,
    expression,
    find_class,
    find_module_docstring,
    is_builtin,
    parse,
)
from agent.types import Problem, Record
from agent.visible_tests.docstring.callee import Callee, callee, class_callee, find_header
from agent.visible_tests.docstring.markup import without_markup
from agent.visible_tests.docstring.prompt_names import PromptNames, names_defined
from agent.visible_tests.literals import (
    Value,
    balanced_end,
    is_doubtful,
    is_value,
    read_value,
    readings,
    value_source,
)
from agent.visible_tests.names import names_of

ValueKind = Literal["given", "stated", "shown"]
"""Whether a value is an argument, the value that a text states, or the output of a session."""


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
    """A text about an entry point, such as its docstring, as offsets in the prompt."""

    prompt: str
    source: str
    """The text without markup, padded with newlines so that offsets match the prompt's."""
    start: int
    end: int
    callee: Callee
    names: PromptNames
    escapes: bool
    """True if the text is a literal that is not raw, so that a backslash may begin an escape."""

    @property
    def text(self) -> str:
        """The text without markup."""
        return self.source[self.start : self.end]

    @property
    def entry_point(self) -> str:
        """The bare name of the entry point, as the text uses it."""
        return self.callee.name

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order, without `self` or `cls`."""
        return self.callee.parameters

    @property
    def known(self) -> Mapping[str, str]:
        """Names that the prompt defines, with the origins of those that it imports."""
        return self.names.origins

    def value_at(self, start: int, kind: ValueKind = "stated") -> Value | None:
        """Return the longest value that begins at an offset."""
        classes = self._classes(kind)
        value = read_value(self.source, start, self.end, escapes=self.escapes, classes=classes)
        return value if value and self._is_allowed(value.source, classes) else None

    def value_of(self, text: str, kind: ValueKind = "stated") -> str | None:
        """Return a text of the page as the source of a value; None if it is not one value."""
        classes = self._classes(kind)
        source = value_source(text, escapes=self.escapes, classes=classes)
        return source if source and self._is_allowed(source, classes) else None

    def _classes(self, kind: ValueKind) -> frozenset[str]:
        names = self.names
        return {"given": names.classes, "stated": names.comparable, "shown": names.rebuilt}[kind]

    def _is_allowed(self, source: str, classes: frozenset[str]) -> bool:
        """Whether a value makes no instance of another class of the prompt."""
        node = expression(source)
        return node is None or not names_of(node) & (self.names.classes - classes)


def open_pages(problem: Problem) -> tuple[Page, ...]:
    """Return the texts of a prompt that may contain examples of its entry point."""
    prompt, name = problem.prompt, problem.entry_point
    inside = find_class(prompt, name)
    if inside is not None:
        names = names_defined(prompt)
        called = class_callee(name)
        return tuple(_page(prompt, text, called, names) for text in inside)
    function = find_header(prompt, name.rpartition(".")[2])
    text = _text(prompt, function)
    called = callee(prompt, name, function)
    names = names_defined(prompt[: function.start if function else 0])
    if called.owner:
        names = names.with_class(called.owner)
    pages = [_page(prompt, text, called, names)] if text else []
    if function is not None and (text is None or text != _whole_prompt(prompt)):
        pages += [_comments(prompt, block, called, names) for block in _blocks(prompt, function)]
        # Elsewhere only an example that names the function is about it.
        named = called._replace(foreign=True, parameters=())
        pages += [_comments(prompt, block, named, names) for block in _notes(prompt, function)]
        for kind in sorted(names.classes - {called.owner}):
            pages += [
                _page(prompt, inner, named, names) for inner in find_class(prompt, kind) or ()
            ]
    return tuple(pages)


def calls(page: Page, name: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of calls of a function, from the name to the closing bracket.

    If the entry point is a class, the methods that are called on its object belong to the call.
    """
    owner = r"(?:[^\W\d]\w*(?:\(\))?\.)?" if page.callee.owner else ""
    pattern = re.compile(rf"(?<![\w.])(?<!def ){owner}{re.escape(name)}\(")
    for match in pattern.finditer(page.source, page.start, page.end):
        end = balanced_end(page.source, match.end() - 1, page.end)
        while end is not None and page.callee.is_class:
            more = _ATTRIBUTE.match(page.source, end, page.end)
            if more is None:
                break
            called = page.source[more.end() - 1] == "("
            end = balanced_end(page.source, more.end() - 1, page.end) if called else more.end()
        if end is not None:
            yield match.start(), end


_ATTRIBUTE = re.compile(r"\.[^\W\d]\w*\(?")


def plain_call(page: Page, start: int, end: int) -> str | None:
    """Return the source of a call if all its arguments are values, else None."""
    text = page.source[start:end]
    for reading in readings(text, escapes=page.escapes):
        node = expression(reading)
        if node is not None and _is_plain(page, node) and not is_doubtful(reading):
            return reading
    return None


def has_kind(page: Page, name: str, source: str) -> bool:
    """Whether a value may be one of a parameter's type, or of the result's (`return`)."""
    kind, node = page.callee.kinds.get(name), expression(source)
    match node:
        case _ if kind is None:
            return True
        case ast.Constant(value=value):
            return value is None or type(value).__name__ in _ACCEPTED.get(kind, {kind})
        case ast.List() | ast.Tuple() | ast.Dict() | ast.Set():
            return type(node).__name__.lower() == kind
        case _:
            return True


_ACCEPTED = {"float": {"int", "float"}, "int": {"int", "bool"}}


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


def _is_plain(page: Page, node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call() | ast.Attribute() as made)):
            if page.callee.is_class and not _is_plain(page, made):
                return False
        case ast.Attribute(value=made):
            return page.callee.is_class and _is_plain(page, made)
        case ast.Call(func=ast.Name(id=page.entry_point), args=given):
            if len(given) > page.callee.most:
                return False
    return isinstance(node, ast.Call) and all(
        is_value(item, page.names.classes) for item in _arguments(node)
    )


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _text(prompt: str, function: EntryPoint | None) -> Text | None:
    """Return the docstring of the entry point or module, or a whole prompt that is not code."""
    if function is None:
        return find_module_docstring(prompt) or _whole_prompt(prompt)
    if parse(f"{prompt[: function.header].rstrip()} pass") is None:
        return _whole_prompt(prompt)
    return function.docstring or find_module_docstring(prompt)


def _page(prompt: str, text: Text, called: Callee, names: PromptNames) -> Page:
    inside = without_markup(prompt[text.start : text.end])
    return Page(
        prompt=prompt,
        source="\n" * text.start + inside + "\n" * (len(prompt) - text.end),
        start=text.start,
        end=text.end,
        callee=called,
        names=names,
        escapes=bool(text.quote) and not text.raw,
    )


def _blocks(prompt: str, function: EntryPoint) -> Iterator[Text]:
    """Yield the comments above a function and at the beginning of its body."""
    above = re.search(r"(?:^[ \t]*(?:#[^\n]*)?\n)+\Z", prompt[: function.start], re.MULTILINE)
    if above is not None:
        yield Text(above.start(), above.end(), "", True)
    below = re.compile(r"[ \t]*\n(?:[ \t]*(?:#[^\n]*)?(?:\n|\Z))+").match(prompt, function.header)
    if below is not None:
        yield Text(below.start(), below.end(), "", True)


def _notes(prompt: str, function: EntryPoint) -> Iterator[Text]:
    """Yield the comments between the statements above a function, except those next to it."""
    for match in re.finditer(r"(?:^#[^\n]*\n)+(?=\n*[^\s#])", prompt[: function.start], re.M):
        yield Text(match.start(), match.end(), "", True)


def _comments(prompt: str, block: Text, called: Callee, names: PromptNames) -> Page:
    """Return a page of comments, which are read without their signs."""
    inside = prompt[block.start : block.end]
    plain = re.sub(r"(?m)^([ \t]*)#+", lambda match: match[0].replace("#", " "), inside)
    return _page(prompt[: block.start] + plain + prompt[block.end :], block, called, names)


def _whole_prompt(prompt: str) -> Text | None:
    return None if parse(prompt) else Text(0, len(prompt), "", True)
