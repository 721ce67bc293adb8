"""Interactive sessions in a text: each `>>>` with its output, and the directives of doctest."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.parsing.source import parse
from agent.visible_tests.docstring.page import Page
from agent.visible_tests.docstring.sections import lines_of
from agent.visible_tests.docstring.wording import is_hedged
from agent.visible_tests.literals import comments, readings

_PROMPT = re.compile(r"[ \t]*(?P<sign>>>>|In[ ]?\[\d+\]:)[ \t]?(?P<code>.*)")
_MORE = re.compile(r"[ \t]*\.\.\.(?:(?: |:[ ])(?P<code>.*)|[ \t]*$)")
_RESULT = re.compile(r"(?P<indent>[ \t]*)(?P<sign>Out[ ]?\[\d+\]:[ ]?)")
_OFF = re.compile(
    r"[ \t]*(?:(?P<block>\.\.[ ]doctest-(?:skip|requires|remote)[\w-]*::)|:options:.*\+SKIP).*"
)
"""Directives of Sphinx after which the steps that are indented as deep are not run."""
_FENCE = re.compile(r"[ \t]*```")
_DIRECTIVE = re.compile(r"#\s*x?doctest:\s*([^\n'\"]*)$", re.MULTILINE)
_HARMLESS = frozenset({
    "-SKIP", "+ELLIPSIS", "-ELLIPSIS", "+NORMALIZE_WHITESPACE", "-NORMALIZE_WHITESPACE",
    "+IGNORE_EXCEPTION_DETAIL", "+DONT_ACCEPT_TRUE_FOR_1", "+REPORT_UDIFF", "+REPORT_CDIFF",
    "+REPORT_NDIFF", "+REPORT_ONLY_FIRST_FAILURE", "+FAIL_FAST",
})  # fmt: skip
"""Directives that a test keeps to, or that do not change what is right."""


class Step(NamedTuple):
    """One `>>>` with its continuation lines and the output below it."""

    code: str
    output: tuple[str, ...]
    """The lines of output as they stand."""
    margin: int
    """Indentation of the `>>>`, which the output shares."""
    span: tuple[int, int]
    lines: tuple[int, ...]
    """End offsets of the code and of each line of output."""
    is_off: bool = False
    """Whether a directive of Sphinx turns the step off."""

    @property
    def directives(self) -> frozenset[str]:
        """The directives of doctest, such as `+SKIP`."""
        found = (match[1] for match in _DIRECTIVE.finditer(self.code))
        return frozenset(word for words in found for word in re.findall(r"[^\s,]+", words))

    @property
    def is_skipped(self) -> bool:
        """Whether doctest does not run the step."""
        return self.is_off or "+SKIP" in self.directives

    @property
    def is_inexact(self) -> bool:
        """Whether the output is not exactly the one to expect, or nobody knows."""
        shown = "\n".join(self.output)
        return (
            not self.directives <= _HARMLESS
            or ("+ELLIPSIS" in self.directives and "..." in shown and not self.raised)
            or any(map(is_hedged, comments(self.code)))
            or any(is_hedged(note) for line in self.output for note in comments(line))
        )

    @property
    def raised(self) -> bool:
        """Whether the output is a traceback."""
        return bool(self.output) and self.output[0].strip().startswith("Traceback")

    @property
    def is_joined(self) -> bool:
        """Whether runs of white space count as one space."""
        return "+NORMALIZE_WHITESPACE" in self.directives


def steps(page: Page) -> Iterator[Step]:
    """Yield the steps of all sessions of a page."""
    lines = list(_lines(page))
    index = 0
    off, first = _lines_off([line for _, line in lines]), lines_of(page)[0].indent
    while index < len(lines):
        start, line = lines[index]
        index += 1
        match = _PROMPT.fullmatch(line)
        if match is None:
            continue
        is_off = index - 1 in off
        begin = match.start("sign")
        margin = max(len(line[:begin].expandtabs()), first if index == 1 else 0)
        code, ends = [match["code"]], [start + len(line.rstrip())]
        while index < len(lines) and (more := _MORE.fullmatch(lines[index][1])):
            code.append(more["code"] or "")
            ends[0] = lines[index][0] + len(lines[index][1].rstrip())
            index += 1
        output = []
        while index < len(lines) and _is_output(page, lines[index][1]):
            shown = lines[index][1]
            output.append(_RESULT.sub(r"\g<indent>", shown, count=1))
            ends.append(lines[index][0] + len(shown.rstrip()))
            index += 1
        yield Step(
            code="\n".join(code),
            output=tuple(output),
            margin=margin,
            span=(start + begin, ends[-1]),
            lines=tuple(ends),
            is_off=is_off,
        )


def session_spans(page: Page) -> list[tuple[int, int]]:
    """Return the spans of the steps that only their own reader may read."""
    return [
        step.span
        for step in steps(page)
        if (step.output or step.directives or step.is_off or step.is_inexact)
        and body_of(step, page)
    ]


def body_of(step: Step, page: Page) -> list[ast.stmt]:
    """Return the statements of a step; [] if its code is not Python."""
    for code in readings(step.code, escapes=page.escapes):
        tree = parse(code)
        if tree is not None:
            return tree.body
    return []


def _lines_off(lines: list[str]) -> set[int]:
    """Return the indices of the lines that belong to directives of Sphinx that skip them."""
    found: set[int] = set()
    depths = [len(line.expandtabs()) - len(line.expandtabs().lstrip()) for line in lines]
    for index, line in enumerate(lines):
        match = _OFF.fullmatch(line)
        if match is None:
            continue
        least = depths[index] + (match["block"] is not None)
        for below in range(index + 1, len(lines)):
            if lines[below].strip() and depths[below] < least:
                break
            found.add(below)
    return found


def _is_output(page: Page, line: str) -> bool:
    """Whether a line below a step is its output: no other example, and no end of the session."""
    if not line.strip() or _PROMPT.match(line) or ">>>" in line or _FENCE.match(line):
        return False
    return page.callee.is_class or f"{page.entry_point}(" not in line


def _lines(page: Page) -> Iterator[tuple[int, str]]:
    """Yield lines with their markup, since printed output may look like markup."""
    offset = page.start
    for line in page.prompt[page.start : page.end].split("\n"):
        yield offset, line.rstrip("\r")
        offset += len(line) + 1
