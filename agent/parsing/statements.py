"""Cutting a source by its lines and its top-level statements; no statement is changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from agent.parsing.source import parse, parse_or_line

_TRIES = 60
"""How often a text is cut at the line that does not parse, before it is given up."""


def names_bound(node: ast.stmt) -> set[str]:
    """Names that a top-level definition or assignment binds."""
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
    """The last statement that defines the entry point: a function, or its name for a callable.

    A body may keep its result under the function's own name: what returns at top level is a body.
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
    """The first statement that binds a name."""
    return next((node for node in tree.body if name in names_bound(node)), None)


def has_body(node: ast.stmt | None) -> bool:
    """Whether a function says more than its docstring."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return not all(is_docstring(statement) for statement in node.body)


def is_docstring(node: ast.stmt | None) -> bool:
    """Whether a statement is nothing but a string."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def lines_of(source: str) -> list[str]:
    """Lines as Python counts them, with their ends: a form feed or U+2028 ends none."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", source)


def parsing_lines(source: str, least: int = 0, otherwise: str | None = None) -> str:
    """The first lines of a source, as many as parse.

    Where no more than `least` would, `otherwise`: by default the source as it is.
    """
    lines = lines_of(source)
    count = len(lines)
    for _ in range(_TRIES):
        tree, stopped = parse_or_line("".join(lines[:count]))
        if tree is not None:
            return "".join(lines[:count])
        count = min(count - 1, stopped - 1)
        if count <= least:
            break
    return source if otherwise is None else otherwise


def cut_within(kept: str, source: str) -> bool:
    """Whether a source was cut to `kept` in the middle of a block, and not between statements."""
    rest = source[len(kept) :].lstrip("\r\n")
    return rest[:1].isspace() and bool(rest.strip())


def without_demo(code: str, name: str) -> str:
    """The code without what follows the definitions: demo calls, asserts, a main block."""
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
    if cut & kept:  # two statements on a line
        return code
    return "".join(line for number, line in enumerate(lines, 1) if number not in cut)


def is_definition(node: ast.stmt) -> bool:
    """Imports, functions, classes and constants."""
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
    """Names that functions and classes read and do not bind themselves."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names = [item for item in ast.walk(node) if isinstance(item, ast.Name)]
            bound = {item.id for item in names if isinstance(item.ctx, ast.Store)}
            bound |= {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)}
            yield from (item.id for item in names if item.id not in bound)


def first_line(node: ast.stmt) -> int:
    """The line that a statement begins on, decorators included."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return min([node.lineno, *(item.lineno for item in node.decorator_list)])
    return node.lineno
