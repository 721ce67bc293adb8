"""Readers of examples with a typing error, used only if the rest of the docstring supports it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from agent.parsing.source import expression
from agent.visible_tests.docstring.equations import Claim, claims, read_claim, spelled_with
from agent.visible_tests.docstring.page import DocstringExample, Page, calls, is_known

_CALLED = re.compile(r"(?<![\w.])(?P<name>[^\W\d]\w*)\(")
_ARROW = re.compile(r"\s*(?P<sign>==>|=>|->|➞|→|==|=)\s*")


def read_renamed(page: Page) -> Iterator[DocstringExample]:
    """Yield calls of one undefined function as calls of the entry point.

    Each call must have as many arguments as the entry point has parameters. Runs only if no
    other reader has found an example.
    """
    found: dict[str, list[Claim]] = {}
    for match in _CALLED.finditer(page.source, page.start, page.end):
        name = match["name"]
        if name not in found and not is_known(name, page) and name not in page.parameters:
            found[name] = [claim for claim in claims(page, name) if _fits(page, claim.call)]
    named = [name for name, said in found.items() if said]
    if len(named) != 1:
        return
    for claim in found[named[0]]:
        call = spelled_with(claim.call, page.entry_point)
        if call is not None and claim.form in {"==", "=>", "==>", "->", "➞", "→", "="}:
            yield DocstringExample(
                call=call,
                expected=claim.value.source,
                form=claim.form,
                span=claim.span,
                confidence=0.6,
            )


def read_unquoted(page: Page) -> Iterator[DocstringExample]:
    """Yield `f(word) => y` as `f('word') => y`.

    Only for a function of one string, and if the docstring has at least two different such calls.
    """
    if len(page.parameters) != 1 or not re.search(r"\bstr(?:ing)?s?\b", page.prompt):
        return
    examples = [example for span in calls(page, page.entry_point) if (example := _word(page, span))]
    if len({example.call for example in examples}) > 1:
        yield from examples


def _word(page: Page, span: tuple[int, int]) -> DocstringExample | None:
    match = re.fullmatch(r"\w+\(([A-Za-z]+)\)", page.source[slice(*span)])
    sign = _ARROW.match(page.source, span[1], page.end)
    if match is None or sign is None or match[1] in page.parameters or is_known(match[1], page):
        return None
    value = read_claim(page, sign.end(), page.entry_point)
    if value is None:
        return None
    return DocstringExample(
        call=f"{page.entry_point}({match[1]!r})",
        expected=value.source,
        form=sign["sign"],
        span=(span[0], value.end),
        confidence=0.6,
    )


def _fits(page: Page, call: str) -> bool:
    node = expression(call)
    return isinstance(node, ast.Call) and len(node.args) == len(page.parameters)
