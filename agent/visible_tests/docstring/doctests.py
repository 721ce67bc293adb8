"""Reader of interactive sessions: `>>> f(x)`, with the output on the next lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.parsing.source import parse, unparse
from agent.visible_tests.docstring.page import DocstringExample, Page, is_called, is_known
from agent.visible_tests.literals import readings, value_source
from agent.visible_tests.names import bound_by, names_of

_PROMPT = re.compile(r"[ \t]*>>>[ \t]?(?P<code>.*)")
_MORE = re.compile(r"[ \t]*\.\.\.(?: (?P<code>.*)|[ \t]*$)")
_FENCE = re.compile(r"[ \t]*```")
_RAISED = re.compile(r"(?:[\w.]+\.)?(?P<name>[A-Z]\w*)(?::.*)?$")


class Step(NamedTuple):
    """One `>>>` with its continuation lines and the output below it."""

    code: str
    output: tuple[str, ...]
    span: tuple[int, int]
    lines: tuple[int, ...]
    """End offsets of the code and of each line of output."""


def read_doctests(page: Page) -> Iterator[DocstringExample]:
    """Yield the examples of interactive sessions; statements before a call become its setup."""
    setup: list[ast.stmt] = []
    for step in _steps(page):
        body = _body(step, page)
        if not body:
            continue
        *before, last = body
        setup += before
        if isinstance(last, ast.Expr):
            example = _example(page, step, last.value, setup)
            if example is not None:
                yield example
        if not isinstance(last, ast.Expr) or names_of(last) & _bound(setup):
            setup.append(last)


def _steps(page: Page) -> Iterator[Step]:
    lines = list(_lines(page))
    index = 0
    while index < len(lines):
        start, line = lines[index]
        index += 1
        match = _PROMPT.fullmatch(line)
        if match is None:
            continue
        code, ends = [match["code"]], [start + len(line.rstrip())]
        while index < len(lines) and (more := _MORE.fullmatch(lines[index][1])):
            code.append(more["code"] or "")
            ends[0] = lines[index][0] + len(lines[index][1].rstrip())
            index += 1
        output = []
        while index < len(lines) and _is_output(lines[index][1]):
            output.append(lines[index][1])
            ends.append(lines[index][0] + len(lines[index][1].rstrip()))
            index += 1
        begin = start + line.index(">>>")
        yield Step("\n".join(code), tuple(output), (begin, ends[-1]), tuple(ends))


def _is_output(line: str) -> bool:
    return bool(line.strip()) and ">>>" not in line and _FENCE.match(line) is None


def _lines(page: Page) -> Iterator[tuple[int, str]]:
    """Yield lines with their markup, since printed output may look like markup."""
    offset = page.start
    for line in page.prompt[page.start : page.end].split("\n"):
        yield offset, line.rstrip("\r")
        offset += len(line) + 1


def _body(step: Step, page: Page) -> list[ast.stmt]:
    for code in readings(step.code, escapes=page.escapes):
        tree = parse(code)
        if tree is not None:
            return tree.body
    return []


def _bound(setup: list[ast.stmt]) -> set[str]:
    return set().union(*map(bound_by, setup))


def _example(
    page: Page, step: Step, node: ast.expr, setup: list[ast.stmt]
) -> DocstringExample | None:
    module = ast.Module(body=[*setup, ast.Expr(node)], type_ignores=[])
    names = names_of(module)
    unknown = {name for name in names - bound_by(module) if not is_known(name, page)}
    if unknown or not is_called(page, module):
        return None
    before = unparse(ast.Module(body=setup, type_ignores=[])) if setup else ""
    raised = _raised(step.output)
    call, expected = _outcome(page, step, node)
    if call is None or (expected is None and raised is None) or before is None:
        return None
    compared = not step.output and isinstance(node, ast.Compare)
    return DocstringExample(
        call=call,
        expected=None if raised else expected,
        raises=raised,
        form=">>> ==" if compared else ">>>",
        span=(step.span[0], _end(step, expected, page)),
        setup=before,
    )


def _outcome(page: Page, step: Step, node: ast.expr) -> tuple[str | None, str | None]:
    """Return the source of the call and of its value."""
    output = _printed(page, step.output)
    match node:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            if not step.output or output == "True":
                return unparse(left), unparse(right)
        case ast.Call(func=ast.Name(id="print"), args=[shown], keywords=[]):
            text = "\n".join(line.strip() for line in step.output)
            return unparse(ast.Call(ast.Name("str"), [shown], [])), repr(text)
        case _ if not step.output:
            # A session shows nothing for None, but the author may also have omitted the output.
            return unparse(node), "None" if re.search(r"\bNone\b", page.text) else None
    return unparse(node), output


def _printed(page: Page, output: tuple[str, ...]) -> str | None:
    """Return the value of the longest run of output lines, from the first, that is a value."""
    for count in range(len(output), 0, -1):
        text = "\n".join(line.strip() for line in output[:count])
        source = value_source(text, escapes=page.escapes)
        if source is not None:
            return source
    return None


def _raised(output: tuple[str, ...]) -> str | None:
    if not output or not output[0].strip().startswith("Traceback"):
        return None
    found = (_RAISED.match(line.strip()) for line in reversed(output[1:]))
    return next((match["name"] for match in found if match), None)


def _end(step: Step, expected: str | None, page: Page) -> int:
    """Return the offset after the last line of the example; prose below it does not belong."""
    for count in range(len(step.output)):
        if expected is not None and _printed(page, step.output[: count + 1]) == expected:
            return step.lines[count + 1]
    return step.span[1]
