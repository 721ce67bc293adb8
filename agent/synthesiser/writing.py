"""From an expression to the text of a whole program."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass

from agent.synthesiser.compiling import MODULES, definitions
from agent.synthesiser.reading import Asked


@dataclass(frozen=True)
class Body:
    """What a function does: guard clauses in order, then a result. All are texts of expressions."""

    result: str
    guards: tuple[tuple[str, str], ...] = ()
    """Conditions with what to return where they hold."""


def program(task: Asked, body: Body) -> str:
    """The whole function with its imports, the stub's own included."""
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
    """A Markdown code block."""
    return f"```python\n{text}\n```"


def _first(header: tuple[ast.stmt, ...]) -> list[ast.stmt]:
    return [node for node in header if isinstance(node, ast.Import | ast.ImportFrom)]


def _rest(header: tuple[ast.stmt, ...]) -> list[ast.stmt]:
    return [node for node in header if not isinstance(node, ast.Import | ast.ImportFrom)]


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _helpers_of(statements: list[ast.stmt]) -> list[ast.FunctionDef]:
    """The helpers that the statements use, directly or not, in the library's order."""
    known = definitions()
    used: set[str] = set()
    waiting = {name for node in statements for name in _names(node)} & set(known)
    while waiting:
        name = waiting.pop()
        used.add(name)
        waiting |= (_names(known[name]) & set(known)) - used
    return [node for name, node in known.items() if name in used]
