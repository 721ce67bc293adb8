"""Cuts of a source by lines and by top-level statements. No statement is changed."""

from __future__ import annotations

import ast
import re

from agent.parsing.source import parse, parse_or_line

_MAX_STARTS = 60
"""Maximum number of lines tried as the first of a program without success."""
_DEFINES = re.compile(r"(?:async )?def |class |@")
_OPENING = re.compile(r"(?:import|from|if|for|try|with)\b|[A-Za-z_][\w.\[\]]* *[=:(]")
_TRIPLE = re.compile(r"'''|\"\"\"")
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


def is_stub(node: ast.stmt | None) -> bool:
    """Whether a function has only a docstring, `...`, `pass` or `raise NotImplementedError`."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return all(_is_filler(statement) for statement in node.body)


def _is_filler(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name == "NotImplementedError"
        case _:
            return False


def is_idle(node: ast.stmt) -> bool:
    """Whether a statement is an expression or annotation without effect, other than a string."""
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    if not isinstance(node, ast.Expr) or isinstance(node.value, ast.Constant):
        return False
    active = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
    return not any(isinstance(item, active) for item in ast.walk(node.value))


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


def python_runs(text: str) -> list[tuple[str, str]]:
    """Return the maximal runs of lines that parse, each with the rest of the text from its start.

    A run begins at a line that can open a program. At most `_MAX_STARTS` lines that open none are
    tried.
    """
    lines = lines_of(text)
    runs: list[tuple[str, str]] = []
    start = failures = 0
    while start < len(lines) and failures < _MAX_STARTS:
        rest = "".join(lines[start:]) if start == 0 or _may_open(lines[start]) else ""
        run = parsing_lines(rest, otherwise="") if rest else ""
        if run.strip():
            runs.append((run, rest))
        failures += bool(rest) and not run
        start += len(lines_of(run)) or 1
    return runs


def _may_open(line: str) -> bool:
    """Whether a line can open a program: it parses, or it is the first of several lines."""
    if _DEFINES.match(line):
        return True
    continued = line.rstrip().endswith(("(", "[", "{", ",", "\\", ":")) or bool(
        _TRIPLE.search(line)
    )
    return bool(_OPENING.match(line)) and (continued or parse(line) is not None)


def cut_within(kept: str, source: str) -> bool:
    """Whether the cut of a source to `kept` is inside a block, not between statements."""
    rest = source[len(kept) :].lstrip("\r\n")
    return rest[:1].isspace() and bool(rest.strip())


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


def first_line(node: ast.stmt) -> int:
    """Return the first line of a statement, decorators included."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return min([node.lineno, *(item.lineno for item in node.decorator_list)])
    return node.lineno
