"""Reader of examples without the function's name: a list of `"abc" -> "cba"`, `(e.g. 3 gives 9)`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from agent.parsing.source import expression
from agent.visible_tests.docstring.equations import read_claim
from agent.visible_tests.docstring.input_output import arguments_of, given_at
from agent.visible_tests.docstring.page import DocstringExample, Page
from agent.visible_tests.docstring.sections import DocstringLine, exemplary, lines_of

_BULLET = re.compile(r"[ \t]*(?:[-*+•][ \t]+|\d+[.)][ \t]+)?")
_ARROW = re.compile(r"[ \t]*(?:-+>|=+>|→|➞|⇒|⟶|⟹|↦)[ \t]*")
_VERB = re.compile(
    r"[ \t]*(?:-+>|=+>|→|➞|⇒|⟶|⟹|↦|[,:]?\s+(?:becomes|gives|returns|yields|produces|maps\s+to"
    r"|is\s+(?:mapped|turned|converted|transformed)\s+(?:in)?to|should\s+(?:return|give|become))\b)\s*"
)
_ANNOUNCED = re.compile(
    r"\b(?:examples?|e\.g\.|for\s+instance|samples?|such\s+as)\b", re.IGNORECASE
)
_MARK = re.compile(r"(?:\b[Ee]\.g\.,?|\b[Ff]or\s+(?:example|instance)[,:]?|\b[Ee]xamples?:)\s+")
_FOR = re.compile(r"\s+for\s+")
_CLOSED = re.compile(r"[ \t]*(?:$|\n|[.;](?=\s|$)|\))")


def read_arrows(page: Page) -> Iterator[DocstringExample]:
    """Yield examples that give only arguments and result, in lists and after `e.g.`.

    A list counts if it is announced as examples or is a paragraph of its own, since lists after
    other words describe rules or steps.
    """
    for block in _blocks(page):
        values = [(example.call.partition("(")[2][:-1], example.expected) for example in block]
        following = zip(values, values[1:], strict=False)
        if not any(made == given for (_, made), (given, _) in following):  # steps of one process
            yield from block
    for mark in _MARK.finditer(page.source, page.start, page.end):
        example = _example(page, mark.end(), _VERB) or _value_first(page, mark.end())
        if example is not None:
            yield example


def _blocks(page: Page) -> Iterator[list[DocstringExample]]:
    """Yield the examples of each list."""
    lines, sections = lines_of(page), exemplary(page)
    block: list[DocstringExample] = []
    for index, line in enumerate(lines):
        bullet = _BULLET.match(page.source, line.start, line.end)
        start = bullet.end() if bullet else line.start
        example = _example(page, start, _ARROW) if line.text else None
        inside = any(first <= line.start < last for first, last in sections)
        if example is not None and (block or inside or _is_set_off(lines, index)):
            block.append(example)
        elif block:
            yield block
            block = []
    yield block


def _is_set_off(lines: list[DocstringLine], index: int) -> bool:
    """Whether a line begins a paragraph, or the line above it announces examples."""
    above = [line.text for line in lines[:index]]
    words = next((text for text in reversed(above) if text), "")
    if _ANNOUNCED.search(words):
        return True
    return bool(above) and not above[-1] and not words.endswith((":", ","))


def _example(page: Page, start: int, sign: re.Pattern[str]) -> DocstringExample | None:
    """Return the example whose arguments begin at an offset, with a sign before the result."""
    given, end = given_at(page, start, several_lines=False)
    match = sign.match(page.source, end, page.end)
    if match is None or "\n" in page.source[start:end]:
        return None
    value = read_claim(page, match.end(), page.entry_point)
    arguments = None if any(_is_sum(text) for _, text in given) else arguments_of(page, given)
    if value is None or arguments is None:
        return None
    return DocstringExample(
        call=f"{page.entry_point}({arguments})",
        expected=value.source,
        form="x -> y",
        span=(start, value.end),
        confidence=0.7,
    )


def _value_first(page: Page, start: int) -> DocstringExample | None:
    """Return the example `6 for "abc"`."""
    value = page.value_at(start)
    match = _FOR.match(page.source, value.end, page.end) if value else None
    if value is None or match is None:
        return None
    given, end = given_at(page, match.end(), several_lines=False)
    arguments = arguments_of(page, given)
    if arguments is None or not _CLOSED.match(page.source[: page.end], end):
        return None
    return DocstringExample(
        call=f"{page.entry_point}({arguments})",
        expected=value.source,
        form="y for x",
        span=(value.start, end),
        confidence=0.6,
    )


def _is_sum(text: str) -> bool:
    return isinstance(expression(text), ast.BinOp)
