"""Cuts of a source by lines and by top-level statements. No statement is changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from agent.parsing.source import parse, parse_or_line

_MAX_CUTS = 60
"""Maximum number of cuts at a line that does not parse."""


def names_bound(node: ast.stmt) -> set[str]:
    """Return the names that a top-level definition or assignment binds."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return {name}
        case _:
            return set()


def definition_of(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the last statement that defines the entry point as a function or other callable.

    A text with a `return` at top level is a function body, which may use the function's name for
    its result: None is returned.
    """
    if any(isinstance(node, ast.Return) for node in tree.body):
        return None
    found = (node for node in reversed(tree.body) if name in names_bound(node))
    return next((node for node in found if _is_callable(node)), None)


def _is_callable(node: ast.stmt) -> bool:
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return isinstance(node.value, (ast.Lambda, ast.Name, ast.Attribute, ast.Call))
    return True


def first_binding(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the first statement that binds a name; None if no statement does."""
    return next((node for node in tree.body if name in names_bound(node)), None)


def has_body(node: ast.stmt | None) -> bool:
    """Whether a function has statements besides its docstring."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return not all(is_docstring(statement) for statement in node.body)


def is_docstring(node: ast.stmt | None) -> bool:
    """Whether a statement consists only of a string."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def lines_of(source: str) -> list[str]:
    """Return the lines as Python counts them, with their ends; form feed and U+2028 are no ends."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", source)


def parsing_lines(source: str, least: int = 0, otherwise: str | None = None) -> str:
    """Return the longest beginning of a source, in whole lines, that parses.

    Candidates are found by at most `_MAX_CUTS` cuts at the line with the syntax error. If no more
    than `least` lines parse, return `otherwise`; by default the source itself.
    """
    lines = lines_of(source)
    count = len(lines)
    for _ in range(_MAX_CUTS):
        tree, stopped = parse_or_line("".join(lines[:count]))
        if tree is not None:
            return "".join(lines[:count])
        count = min(count - 1, stopped - 1)
        if count <= least:
            break
    return source if otherwise is None else otherwise


def cut_within(kept: str, source: str) -> bool:
    """Whether the cut of a source to `kept` is inside a block, not between statements."""
    rest = source[len(kept) :].lstrip("\r\n")
    return rest[:1].isspace() and bool(rest.strip())


def without_demo(code: str, name: str) -> str:
    """Return the code without the statements after its definitions: demo calls, asserts, main."""
    tree = parse(code)
    if tree is None:
        return code
    first = next(index for index, node in enumerate(tree.body) if name in names_bound(node))
    used = {name, *_globals_read(tree.body)}
    lines = lines_of(code)
    cut: set[int] = set()
    kept: set[int] = set()
    for index, node in enumerate(tree.body):
        demo = index > first and not is_definition(node) and not names_bound(node) & used
        (cut if demo else kept).update(range(first_line(node), (node.end_lineno or 0) + 1))
    if cut & kept:  # two statements on one line
        return code
    return "".join(line for number, line in enumerate(lines, 1) if number not in cut)


def is_definition(node: ast.stmt) -> bool:
    """Whether a statement is an import, function, class or constant."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.ClassDef():
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.Try(body=body):
            return all(isinstance(item, (ast.Import, ast.ImportFrom)) for item in body)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return not any(isinstance(item, (ast.Call, ast.Await)) for item in ast.walk(value))
        case _:
            return False


def _globals_read(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that functions and classes read but do not bind themselves."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names = [item for item in ast.walk(node) if isinstance(item, ast.Name)]
            bound = {item.id for item in names if isinstance(item.ctx, ast.Store)}
            bound |= {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)}
            yield from (item.id for item in names if item.id not in bound)


def first_line(node: ast.stmt) -> int:
    """Return the first line of a statement, decorators included."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return min([node.lineno, *(item.lineno for item in node.decorator_list)])
    return node.lineno
