"""The call of the entry point in a test, where all that it is given is written there.

Python's constructors on literals count as literals; no other name is looked up.
"""

from __future__ import annotations

import ast
from typing import TypeGuard

from agent.parsing.source import is_shallow, parse, unparse

_CONSTRUCTORS = frozenset(
    ("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "range",
     "set", "str", "tuple")
)  # fmt: skip
_LITERALS = (
    ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.Starred,
    ast.keyword, ast.unaryop, ast.operator, ast.expr_context,
)  # fmt: skip


def call_in(test: str, entry_point: str) -> str | None:
    """The first call of the entry point on literals in a test, as source."""
    tree = parse(test)
    if tree is None or not is_shallow(tree):
        return None
    calls = [node for node in ast.walk(tree) if _calls(node, frozenset({entry_point}))]
    first = min(calls, key=lambda node: (node.lineno, node.col_offset), default=None)
    return None if first is None else unparse(first)


def _calls(node: ast.AST, names: frozenset[str]) -> TypeGuard[ast.Call]:
    """Whether a node is a call of one of these names on nothing but literals."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and all(_is_literal(item) for item in (*node.args, *node.keywords))
    )


def _is_literal(node: ast.AST) -> bool:
    if isinstance(node, _LITERALS):
        return all(_is_literal(child) for child in ast.iter_child_nodes(node))
    return _calls(node, _CONSTRUCTORS)
