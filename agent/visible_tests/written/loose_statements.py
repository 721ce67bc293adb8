"""Extraction of statements from a text that may contain prose, broken code and a cut-off end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.visible_tests.literals import balanced_end

LONGEST = 2000
"""Maximum length of a statement, in characters; a longer one is unlikely to be deliberate."""

_HEAD = re.compile(
    r"""^(?P<indent>[ \t]*+)
    (?:(?:[-*+]|\d+[.)])[ \t]+|>>>[ \t]
    |[^\w\n]{0,4}(?i:test|case|example)[^\n:=(`]{0,40}:[^\w\n]{0,3}[ \t]+
    |[^`\n]*+(?=`assert\b))?(?P<tick>`?)
    (?P<code>(?:assert|for|with|def|class|if|while|try|except|else|return)\b|self\.assert\w+\(|@
    |\w[\w, \t]*+(?::[^=\n]+)?=(?!=)|pytest\.raises\()""",
    re.MULTILINE | re.VERBOSE,
)
_OPEN = re.compile(r"[(\[{]|\"|'|\#[^\n]*|\\\n|\n|$")
_STRING = re.compile(
    r'"{3}.*?"{3}|\'{3}.*?\'{3}|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL
)


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the statements and the other lines of a text, each with its indentation.

    A statement may span several lines, up to the next statement with the same or less indentation.
    """
    heads = {match.start(): match for match in _HEAD.finditer(text)}
    limits = _limits(heads, len(text))
    position = 0
    while position < len(text):
        match = heads.get(position)
        line_end = text.find("\n", position)
        end = len(text) if line_end < 0 else line_end
        line = text[position:end]
        indent = len(line) - len(line.lstrip())
        if match is not None:
            end = _end(text, match, limits[position], end)
            line = text[match.start("code") : end]
            indent = len(match["indent"])
        if line.strip():
            # A comma may end an item of a list of asserts, but in `x = 1,` it makes a tuple.
            yield indent, line.strip("` \t\r\n").rstrip("," if "assert" in line else "")
        position = text.find("\n", end) + 1 or len(text)


def _limits(heads: dict[int, re.Match[str]], length: int) -> dict[int, int]:
    """Return the maximum end offset of each statement, by its start offset."""
    limits: dict[int, int] = {}
    later: list[tuple[int, int]] = []
    for start, match in reversed(heads.items()):
        indent = len(match["indent"])
        while later and later[-1][1] > indent:
            later.pop()
        limits[start] = min(later[-1][0] if later else length, match.end() + LONGEST)
        later.append((start, indent))
    return limits


def _end(text: str, head: re.Match[str], limit: int, line_end: int) -> int:
    """Return the end of a statement: its closing backtick, its own end, or its line's end."""
    if head["tick"]:
        tick = text.find("`", head.end("tick"), line_end)
        if tick >= 0:
            return tick
    end = _statement_end(text, head.start("code"), limit)
    return line_end if end is None else end


def _statement_end(text: str, start: int, limit: int) -> int | None:
    """Return the first line end outside brackets and strings; None if one is not closed."""
    position = start
    while position < limit:
        match = _OPEN.search(text, position, limit)
        if match is None or match.group() in {"\n", ""}:
            return match.start() if match else None
        end = _closing_offset(text, match, limit)
        if end is None:
            return None
        position = end
    return position if position == limit else None


def _closing_offset(text: str, match: re.Match[str], limit: int) -> int | None:
    """Return the offset after the bracket or string that opens at a match; None if unclosed."""
    if match.group() in {"(", "[", "{"}:
        return balanced_end(text, match.start(), limit)
    if match.group() not in {'"', "'"}:
        return match.end()
    string = _STRING.match(text, match.start(), limit)
    return string.end() if string else None
