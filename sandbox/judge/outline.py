"""The definitions of a prelude, read from its source, and the beginning of an entry point."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass

from .plain import is_plain

_CACHE_SIZE = 256
_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Outline:
    """The definitions of a prelude."""

    only_defines: bool
    """Whether it only imports and defines, and does not change its process otherwise."""
    stubs: frozenset[str]
    """Functions without a body, and classes with such methods: the program has to define them."""
    classes: frozenset[str]
    functions: dict[str, frozenset[str]]
    """Plain functions, which leave nothing behind, with the names that each mentions."""


@functools.lru_cache(maxsize=_CACHE_SIZE)
def outline_of(prelude: str) -> Outline:
    """Return the definitions of a prelude, which must be Python."""
    body = ast.parse(prelude).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    functions = [node for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return Outline(
        only_defines=all(
            isinstance(node, _DEFINITIONS)
            or (isinstance(node, (ast.Assign, ast.AnnAssign)) and is_plain(node))
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            for node in body
        ),
        stubs=frozenset(
            [node.name for node in functions if _is_stub(node)]
            + [node.name for node in classes if any(map(_is_stub, node.body))]
        ),
        classes=frozenset(node.name for node in classes),
        functions={
            node.name: frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
            for node in functions
            if is_plain(node) and all(map(_is_constant, ast.walk(node.args)))
        },
    )


def _is_stub(node: ast.AST) -> bool:
    """Whether a node is a function with nothing but a docstring, `pass` or `...` in it."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return all(
        isinstance(line, ast.Pass)
        or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in node.body
    )


def _is_constant(node: ast.AST) -> bool:
    """Whether a part of a function's parameters is not a default that a call could change."""
    return not isinstance(node, (ast.List, ast.Dict, ast.Set, ast.Call, ast.ListComp, ast.DictComp))


def root_of(entry_point: str) -> str:
    """Return the name that an entry point begins with, as Python spells it."""
    text = entry_point.split("(")[0].split(".")[0].strip()
    if text.isascii():
        return text
    import unicodedata  # few jobs need it

    return unicodedata.normalize("NFKC", text)
