"""Composition of a whole program from expressions."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass

from agent.synthesiser.compiling import MODULES, definitions
from agent.synthesiser.reading import Asked


@dataclass(frozen=True)
class Body:
    """The body of a function, as texts of expressions: guard clauses in order, then a result."""

    result: str
    guards: tuple[tuple[str, str], ...] = ()
    """Pairs of a condition and the result to return if it holds."""


def program(task: Asked, body: Body) -> str:
    """Return the program: imports (also the stub's own), helpers, and the completed function."""
    lines = [f"if {condition}:\n    return {value}" for condition, value in body.guards]
    statements = ast.parse("\n".join([*lines, f"return {body.result}"])).body
    function = copy.copy(task.stub)
    function.body = statements
    needed = _helpers_of(statements)
    names = {name for node in [*statements, *needed] for name in _names(node)}
    imports = [ast.parse(f"import {name}").body[0] for name in sorted(names & set(MODULES))]
    whole = ast.Module([*_first(task.header), *imports, *needed, *_rest(task.header), function], [])
    return ast.unparse(ast.fix_missing_locations(whole))


def fenced(text: str) -> str:
    """Return a text as a Markdown code block."""
    return f"```python\n{text}\n```"


def _first(header: tuple[ast.stmt, ...]) -> list[ast.stmt]:
    return [node for node in header if isinstance(node, ast.Import | ast.ImportFrom)]


def _rest(header: tuple[ast.stmt, ...]) -> list[ast.stmt]:
    return [node for node in header if not isinstance(node, ast.Import | ast.ImportFrom)]


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _helpers_of(statements: list[ast.stmt]) -> list[ast.FunctionDef]:
    """Return the helpers that the statements use, directly or indirectly, in library order."""
    known = definitions()
    used: set[str] = set()
    waiting = {name for node in statements for name in _names(node)} & set(known)
    while waiting:
        name = waiting.pop()
        used.add(name)
        waiting |= (_names(known[name]) & set(known)) - used
    return [node for name, node in known.items() if name in used]
