"""Sections of a docstring in the Google, numpy and Sphinx styles.

The text under `Args:`, `Returns:` or `Raises:` describes all calls, not a particular one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.visible_tests.docstring.page import Page

_DESCRIBING = re.compile(
    r"(?:Other )?(?:Args|Arguments|Parameters|Params|Keyword Args|Keyword Arguments|Returns?"
    r"|Yields?|Receives|Raises|Warns|Attributes|Complexity|Constraints)"
    r"[ \t]*(?P<colon>:)?(?P<rest>.*)"
)
_EXAMPLES = re.compile(
    r"(?:For )?(?:[Ee]xamples?|[Uu]sage|[Ss]amples?|[Dd]octests?)"
    r"(?:[ \t]+(?:usage|cases?|\d+))?[ \t]*(?P<colon>:{0,2})(?P<rest>.*)"
)
_FIELD = re.compile(r":(?:param|type|arg|returns?|rtype|raises?|yields?)\b[^:]*:")
_RULE = re.compile(r"[ \t]*(?:-{3,}|={3,}|~{3,})[ \t]*")


class DocstringLine(NamedTuple):
    """A line of a docstring: offsets, indentation and stripped text."""

    start: int
    end: int
    indent: int
    text: str


def describing(page: Page) -> list[tuple[int, int]]:
    """Return the spans of the sections that describe arguments, results and exceptions."""
    return list(_sections(page, example=False))


def exemplary(page: Page) -> list[tuple[int, int]]:
    """Return the spans of the sections that contain only examples."""
    return list(_sections(page, example=True))


def lines_of(page: Page) -> list[DocstringLine]:
    """Return the lines of a page; the first gets at least the indentation of the others."""
    lines, offset = [], page.start
    for text in page.text.split("\n"):
        indent = len(text) - len(text.lstrip())
        lines.append(DocstringLine(offset, offset + len(text), indent, text.strip()))
        offset += len(text) + 1
    least = min((line.indent for line in lines[1:] if line.text), default=0)
    return [lines[0]._replace(indent=max(lines[0].indent, least)), *lines[1:]]


def _sections(page: Page, *, example: bool) -> Iterator[tuple[int, int]]:
    lines = lines_of(page)
    for index, line in enumerate(lines):
        if _opens(lines, index, example=example):
            last = _last(lines, index)
            yield line.start, lines[last].end


def _opens(lines: list[DocstringLine], index: int, *, example: bool) -> bool:
    """Whether a section of this kind begins here: `Args:`, underlined `Args`, `:param x:`."""
    text = lines[index].text
    if not example and _FIELD.match(text):
        return True
    match = (_EXAMPLES if example else _DESCRIBING).fullmatch(text)
    if match is None or (example and match["rest"].strip()):
        return False
    if match["colon"]:
        return True
    return not match["rest"].strip() and _is_underlined(lines, index)


def _is_underlined(lines: list[DocstringLine], index: int) -> bool:
    return index + 1 < len(lines) and _RULE.fullmatch(lines[index + 1].text) is not None


def _last(lines: list[DocstringLine], index: int) -> int:
    """Return the index of the last line of the section that begins at line `index`."""
    underlined, depth = _is_underlined(lines, index), lines[index].indent
    last = index
    for number in range(index + 1 + underlined, len(lines)):
        line = lines[number]
        if not line.text:
            continue
        ended = line.indent < depth or (not underlined and line.indent == depth)
        if ended or _is_heading(lines, number):
            break
        last = number
    return last


def _is_heading(lines: list[DocstringLine], index: int) -> bool:
    either = (_opens(lines, index, example=kind) for kind in (True, False))
    return any(either) or (bool(lines[index].text) and _is_underlined(lines, index))
