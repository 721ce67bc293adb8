"""Reader of examples without the function's name: lists of `"abc" -> "cba"`, `e.g. 3 gives 9`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from agent.parsing.source import expression
from agent.visible_tests.docstring.equations import is_complete
from agent.visible_tests.docstring.input_output import arguments_of, fits_kinds, given_at
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
_FOR = re.compile(r"\s+for\s+")
_CLOSED = re.compile(r"[ \t]*(?:$|\n|[.;](?=\s|$)|\))")


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
    for block in (*_blocks(page), *_after_marks(page)):
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


def _after_marks(page: Page) -> Iterator[list[DocstringExample]]:
    for mark in _MARK.finditer(page.source, page.start, page.end):
        first = _value_first(page, mark.end())
        yield _series(page, mark.end(), _SIGN) or ([first] if first else [])


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
    value = page.value_at(match.end())
    arguments = None if any(_is_sum(text) for _, text in given) else arguments_of(page, given)
    if value is None or arguments is None or not fits_kinds(page, given, value.source):
        return None
    return DocstringExample(
        call=f"{page.entry_point}({arguments})",
        expected=value.source,
        form="x -> y",
        span=(start, value.end),
        confidence=0.7,
    )


def _value_first(page: Page, start: int) -> DocstringExample | None:
    """Return the example `6 for "abc"`, if the types of the parameters are known."""
    value = page.value_at(start)
    match = _FOR.match(page.source, value.end, page.end) if value else None
    if value is None or match is None:
        return None
    given, end = given_at(page, match.end(), several_lines=False)
    arguments = arguments_of(page, given)
    known = all(name in page.callee.kinds for name in page.parameters)
    fits = known and fits_kinds(page, given, value.source)
    if arguments is None or not fits or not _CLOSED.match(page.source[: page.end], end):
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
