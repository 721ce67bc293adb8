"""Reader of examples without the function's name: lists of `"abc" -> "cba"`, `e.g. 3 gives 9`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from agent.parsing.source import expression
from agent.visible_tests.docstring.equations import is_complete
from agent.visible_tests.docstring.input_output import given_at, stated
from agent.visible_tests.docstring.page import DocstringExample, Page
from agent.visible_tests.docstring.sections import DocstringLine, exemplary, lines_of

_BULLET = re.compile(r"[ \t]*(?:[-*+•][ \t]+|\d+[.)][ \t]+)?")
_ARROW = re.compile(r"[ \t]*(?:-+>|=+>|→|➞|⇒|⟶|⟹|↦)[ \t]*")
_SIGN = re.compile(
    r"[ \t]*(?:-+>|=+>|→|➞|⇒|⟶|⟹|↦|[,:]?\s+(?:becomes|gives|returns|yields|produces|maps\s+to"
    r"|is\s+(?:mapped|turned|converted|transformed)\s+(?:in)?to|should\s+(?:return|give|become))\b)\s*"
)
_ANNOUNCED = re.compile(
    r"\b(?:examples?|e\.g\.|for\s+instance|samples?|such\s+as)\b", re.IGNORECASE
)
_MARK = re.compile(r"(?:\b[Ee]\.g\.,?|\b[Ff]or\s+(?:example|instance)[,:]?|\b[Ee]xamples?:)\s+")
_RULES = re.compile(
    r"\b(?:rules?|steps?|map(?:s|ped|pings?)?|tables?|codes?|follow\w*|process|translat\w*"
    r"|substitut\w*|alphabet|letters?|grammar|transitions?|edges?|graph|states?|replac\w*)\b",
    re.IGNORECASE,
)
_ALSO = re.compile(r"[ \t]*(?:[,;]\s*(?:and\s+)?|\s+and\s+)")


def read_arrows(page: Page) -> Iterator[DocstringExample]:
    """Yield examples that give only arguments and result, in lists and after `e.g.`.

    A list counts if it is announced as examples or set off from the text, unless the words above
    it speak of rules or steps.
    """
    marks = _MARK.finditer(page.source, page.start, page.end)
    for block in (*_blocks(page), *(_series(page, mark.end(), _SIGN) for mark in marks)):
        values = [(example.call.partition("(")[2][:-1], example.expected) for example in block]
        # A list in which each result is the next argument has the steps of one process.
        if not any(made == given for (_, made), (given, _) in pairwise(values)):
            yield from block


def _blocks(page: Page) -> Iterator[list[DocstringExample]]:
    """Yield the examples of each list: one or more a line."""
    lines, sections = lines_of(page), exemplary(page)
    block: list[DocstringExample] = []
    for index, line in enumerate(lines):
        bullet = _BULLET.match(page.source, line.start, line.end)
        start = bullet.end() if bullet else line.start
        examples = _series(page, start, _ARROW) if line.text else []
        inside = any(first <= line.start < last for first, last in sections)
        if examples and (block or inside or _is_set_off(lines, index)):
            block += examples
        elif block:
            yield block
            block = []
    yield block


def _is_set_off(lines: list[DocstringLine], index: int) -> bool:
    """Whether a line comes after a whole sentence or a blank line, or is announced."""
    above = [line.text for line in lines[:index]]
    words = next((text for text in reversed(above) if text), "")
    if _ANNOUNCED.search(words) and words.endswith((":", ",", ".")):
        return not re.search(r"\b(?:edges?|graph|states?)\b", words)
    ended = words.endswith(".") or (
        bool(above) and not above[-1] and not words.endswith((":", ","))
    )
    return ended and not _RULES.search(words)


def _series(page: Page, start: int, sign: re.Pattern[str]) -> list[DocstringExample]:
    """Return the examples `3 -> 9, 4 -> 16`; none if one of them is not complete."""
    found: list[DocstringExample] = []
    position: int | None = start
    while position is not None:
        example = _example(page, position, sign)
        if example is None:
            return []
        found.append(example)
        also = _ALSO.match(page.source, example.span[1], page.end)
        position = None
        if also is not None and _example(page, also.end(), sign) is not None:
            position = also.end()
        elif not is_complete(page, example.span[1], page.entry_point):
            return []
    return found


def _example(page: Page, start: int, sign: re.Pattern[str]) -> DocstringExample | None:
    """Return the example whose arguments begin at an offset, with a sign before the result."""
    given, end = given_at(page, start, several_lines=False)
    match = sign.match(page.source, end, page.end)
    if match is None or "\n" in page.source[start:end]:
        return None
    if any(_is_sum(text) for _, text in given):
        return None
    value = page.value_at(match.end())
    return next(stated(page, given, start, value, "x -> y", 0.7), None)


def _is_sum(text: str) -> bool:
    return isinstance(expression(text), ast.BinOp)
