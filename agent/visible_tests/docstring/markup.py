"""Removal of Markdown and HTML around examples, so that readers see plain text.

Each mark is replaced by spaces of the same length, so that offsets in the prompt do not change.
Marks inside quotes are part of a value and stay.
"""

from __future__ import annotations

import re
from bisect import bisect_right

_MARKS = (
    re.compile(r"^[ \t]*(?P<first>(?:```|~~~)[^\n`]*)$", re.MULTILINE),
    re.compile(r"(?P<first></?(?:strong|b|em|i|code|pre|p|br|ul|li|span)\b[^<>\n]*>)"),
    re.compile(r"(?P<first>:(?:code|literal|samp):)(?=`)"),
    re.compile(r"(?<!\S)(?P<first>\*{1,3}|_{2})[A-Z][\w ]*:?(?P<last>(?P=first))(?=[\s:]|$)"),
    re.compile(r"(?<![\w`'\"\\])(?P<first>``)[^`\n]+(?P<last>``)(?![\w`'\"])"),
    re.compile(r"(?<![\w`'\"\\])(?P<first>`)[^`\n]+(?P<last>`)(?![\w`'\"])"),
)
_QUOTED = re.compile(r""""(?:\\.|[^"\\\n])*"?|(?<!\w\w)'(?:\\.|[^'\\\n])*'?""")
"""A string, up to the end of the line if it is not closed. Apostrophes in words do not count."""

Span = tuple[int, int]


def without_markup(text: str) -> str:
    """Return the text with fences, tags, inline code marks and bold labels blanked out."""
    for mark in _MARKS:
        quoted = [match.span() for match in _QUOTED.finditer(text)]
        for match in mark.finditer(text):
            parts = [match.span(part) for part, found in match.groupdict().items() if found]
            if not any(_is_inside(part, quoted) for part in parts):
                for start, end in parts:
                    text = text[:start] + " " * (end - start) + text[end:]
    return text


def _is_inside(part: Span, quoted: list[Span]) -> bool:
    """Whether a part begins inside one of the quoted strings, which are sorted by offset."""
    place = bisect_right(quoted, part) - 1
    return place >= 0 and part[0] < quoted[place][1]
