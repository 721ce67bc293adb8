"""Reader of tables: Markdown's and reStructuredText's, with a column for each parameter."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import takewhile

from agent.parsing.source import expression
from agent.visible_tests.docstring.input_output import Given, stated
from agent.visible_tests.docstring.page import DocstringExample, Page, plain_call
from agent.visible_tests.docstring.sections import DocstringLine, lines_of
from agent.visible_tests.docstring.wording import is_hedged
from agent.visible_tests.literals import Value

_RULE = re.compile(r"[|+]?[ \t]*:?(?:-{2,}|={2,}|-:)[-=:|+ \t]*")
_CELLS = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\\||[^|]""")
_RESULTS = re.compile(
    r"(?:expected|return(?:ed)?)?\s*(?:outputs?|results?|returns?|values?|answers?|expected|out)"
    r"|returned|expected",
    re.IGNORECASE,
)
_VALUE = re.compile(r"[*_`]*(?:values?|answers?)[*_`]*", re.IGNORECASE)
_INPUTS = re.compile(r"inputs?|arguments?|args|calls?|expression", re.IGNORECASE)
_NOTES = re.compile(
    r"#|no\.?|id|cases?|examples?|notes?|comments?|remarks?|why|reasons?|explanations?"
    r"|descriptions?|",
    re.IGNORECASE,
)


def read_tables(page: Page) -> Iterator[DocstringExample]:
    """Yield the rows of tables whose heads name the parameters, or the input, and the result."""
    lines = lines_of(page)
    for index in range(len(lines) - 1):
        columns = _columns(page, _cells(lines[index].text))
        if columns is None or not _RULE.fullmatch(lines[index + 1].text):
            continue
        for line in takewhile(lambda line: line.text, lines[index + 2 :]):
            cells = _cells(line.text)
            if len(cells) == len(columns) and not _RULE.fullmatch(line.text):
                yield from _row(page, line, dict(zip(columns, cells, strict=True)))


def _cells(text: str) -> list[str]:
    """Return the cells of a row; bars inside quotes do not count."""
    if "|" not in text:
        return [cell for cell in re.split(r"[ \t]{2,}", text.strip()) if cell]
    cells, current = [""], 0
    while current < len(text):
        match = _CELLS.match(text, current)
        if match is None:
            cells.append("")
        else:
            cells[-1] += match[0]
        current = match.end() if match else current + 1
    inner = [cell.strip() for cell in cells]
    return inner[not inner[0] : len(inner) - (not inner[-1])]


def _columns(page: Page, heads: list[str]) -> list[str] | None:
    """Return the meaning of each column: a parameter's name, ``, `input` or `result`.

    None if a head is not understood, or a parameter or the result has no column.
    """
    meanings = [_meaning(page, head.strip("*_` ")) for head in heads]
    if None in meanings or meanings.count("=result") != 1:
        return None
    if "=input" not in meanings and any(_VALUE.fullmatch(head) for head in heads):
        return None  # a table of constants, more likely
    given = {meaning for meaning in meanings if meaning and not meaning.startswith("=")}
    whole = meanings.count("=input") == 1 and not given
    complete = given == set(page.parameters) and "=input" not in meanings and bool(given)
    return [meaning or "" for meaning in meanings] if whole or complete else None


def _meaning(page: Page, head: str) -> str | None:
    if head in page.parameters:
        return head
    if _RESULTS.fullmatch(head) or head == page.entry_point or _is_call(page, head):
        return "=result"
    if _INPUTS.fullmatch(head):
        return "=input"
    return "" if _NOTES.fullmatch(head) else None


def _is_call(page: Page, head: str) -> bool:
    return re.sub(r"\s", "", head) == f"{page.entry_point}({','.join(page.parameters)})"


def _row(page: Page, line: DocstringLine, row: dict[str, str]) -> Iterator[DocstringExample]:
    start = page.source.index(line.text, line.start)
    source, end = page.value_of(row["=result"]), start + len(line.text)
    value = Value(source, start, end) if source else None
    if is_hedged(row.get("", "")) or value is None:
        return
    cell = row.get("=input", "")
    if cell.startswith(f"{page.entry_point}("):
        at = page.source.index(cell, line.start)
        call = plain_call(page, at, at + len(cell))
        if call is not None:
            yield DocstringExample(
                call=call, expected=source, form="table", span=(start, end), confidence=0.8
            )
    elif cell:
        yield from stated(page, _given(page, cell), start, value, "table", 0.8)
    else:
        cells = [(name, page.value_of(row.get(name, ""), "given")) for name in page.parameters]
        given: Given = [(name, source) for name, source in cells if source is not None]
        yield from stated(page, given, start, value, "table", 0.8)


def _given(page: Page, cell: str) -> Given:
    """Return the arguments in a cell for all of them."""
    if len(page.parameters) == 1:
        source = page.value_of(cell, "given")
        return [(None, source)] if source else []
    node = expression(page.value_of(f"({cell},)", "given") or "")
    return [(None, ast.unparse(item)) for item in getattr(node, "elts", ())]
