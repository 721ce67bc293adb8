"""Reader of a call on one line with its value on the next, in an examples section."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.visible_tests.docstring.page import DocstringExample, Page, calls, plain_call
from agent.visible_tests.docstring.sections import DocstringLine, exemplary, lines_of

_LABEL = re.compile(r"(?:#[ \t]*)?(?:(?:Output|Returns?|Result)[ \t]*:[ \t]*)?")


def read_call_over_value(page: Page) -> Iterator[DocstringExample]:
    """Yield calls `f(x)` or `print(f(x))` that fill a line directly above their value."""
    sections = exemplary(page)
    lines = [line for line in lines_of(page) if any(a <= line.start < b for a, b in sections)]
    spans = dict(calls(page, page.entry_point)) if lines else {}
    for index, line in enumerate(lines[:-1]):
        below = lines[index + 1]
        start = page.source.index(line.text, line.start) if line.text else line.start
        inner = start + len("print(") * line.text.startswith("print(")
        end = spans.get(inner)
        if end is None or page.source[end : line.end].strip() != ")" * (inner > start):
            continue
        call, value = plain_call(page, inner, end), _value(page, below)
        printed_text = inner > start and value is not None and value.startswith(("'", '"'))
        if call is None or value is None or printed_text:
            continue
        if _ends(lines, index + 2, page):
            yield DocstringExample(
                call=call,
                expected=value,
                form="f(x) / y",
                span=(start, below.start + len(page.source[below.start : below.end].rstrip())),
                confidence=0.8,
            )


def _value(page: Page, line: DocstringLine) -> str | None:
    label = _LABEL.match(line.text)
    text = line.text[label.end() :] if label else line.text
    return page.value_of(text) if text else None


def _ends(lines: list[DocstringLine], index: int, page: Page) -> bool:
    """Whether nothing but a blank line, a call or a comment follows the value."""
    text = lines[index].text if index < len(lines) else ""
    return not text or text.startswith((page.entry_point, "print(", "#")) or "(" in text.split()[0]
