"""Reader of interactive sessions: `>>> f(x)`, with the output on the next lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from agent.parsing.source import unparse
from agent.visible_tests.docstring.page import DocstringExample, Page, is_called
from agent.visible_tests.docstring.session_outputs import (
    has_open_order,
    is_prose,
    printed,
    raised,
    representation_shown,
    value_shown,
)
from agent.visible_tests.docstring.session_state import SessionState
from agent.visible_tests.docstring.sessions import Step, body_of, steps
from agent.visible_tests.standard_values import dotted

_PRINTS = re.compile(r"\s*(?:prints?|displays?|echo(?:es)?)\b", re.IGNORECASE)
_PRETTY = frozenset({"pprint", "pp", "pprint.pprint", "pprint.pp"})

Sides = tuple[ast.expr, str | None]
"""A call, and the source of the value that it must have; None if it raises."""


def read_doctests(page: Page) -> Iterator[DocstringExample]:
    """Yield the examples of interactive sessions; statements before a call become its setup."""
    state = SessionState(page)
    for step in steps(page):
        body = [] if step.is_skipped else [*map(state.own_names, body_of(step, page))]
        for statement in body[:-1]:
            state.run(statement)
        for last in body[-1:]:
            if isinstance(last, ast.Expr) and not step.is_inexact:
                yield from _examples(page, step, last.value, state)
            state.run(last, raises=step.raised)


def _examples(
    page: Page, step: Step, node: ast.expr, state: SessionState
) -> Iterator[DocstringExample]:
    module = ast.Module(body=[*state.setup, ast.Expr(node)], type_ignores=[])
    if not state.is_sound(node) or not is_called(page, module):
        return
    setup = unparse(ast.Module(body=state.setup, type_ignores=[])) if state.setup else ""
    name = raised(step) if step.raised else None
    sides = _sides(page, step, node) if not step.raised else (node, None) if name else None
    call = unparse(sides[0]) if sides else None
    if sides is None or call is None or setup is None:
        return
    compared = not step.output and isinstance(node, ast.Compare)
    yield DocstringExample(
        call=call,
        expected=sides[1],
        raises=name,
        form=">>> ==" if compared else ">>>",
        span=(step.span[0], _end(page, step)),
        setup=setup,
    )


def _sides(page: Page, step: Step, node: ast.expr) -> Sides | None:
    """Return the call and its value; None if the step does not state it exactly."""
    output = value_shown(page, step)
    match node:
        case _ if has_open_order(page, node):
            return None
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            if not step.output or output == "True" or is_prose(step):
                return left, unparse(right)
        case ast.Call(func=ast.Name(id="print")):
            return printed(page, step, node)
        case ast.Call(func=function, args=[shown, *_]) if dotted(function) in _PRETTY:
            return (shown, output) if output else None
    if not step.output:
        # A session shows nothing for None, but the author may also have omitted the output.
        return (node, "None") if re.search(r"\bNone\b", page.text) else None
    if _prints(page, node):
        return None
    if output is not None:
        return node, output
    text = representation_shown(page, step)
    return None if text is None else (ast.Call(ast.Name("repr"), [node], []), repr(text))


def _prints(page: Page, node: ast.expr) -> bool:
    """Whether the session shows what the function prints, instead of its result."""
    called = isinstance(node, ast.Call) and dotted(node.func) == page.entry_point
    if page.callee.returns:
        return called and page.callee.returns == "None"
    says = _PRINTS.match(page.text) and not re.search(r"\breturn", page.text, re.IGNORECASE)
    return called and bool(says)


def _end(page: Page, step: Step) -> int:
    """Return the offset after the last line of the example; prose below it does not belong."""
    whole = value_shown(page, step)
    for count in range(len(step.output)):
        shorter = step._replace(output=step.output[: count + 1])
        if whole is not None and value_shown(page, shorter) == whole:
            return step.lines[count + 1]
    return step.span[1]
