"""The definitions of a prelude, read from its source, and the beginning of an entry point."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass

from .plain import is_plain

_CACHE_SIZE = 256
_HOOKS = frozenset(("__init_subclass__", "__set_name__", "__prepare__", "__mro_entries__"))
"""Methods that run when another class is defined."""


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
    own = _running(body)
    return Outline(
        only_defines=all(_only_defines(node, own) for node in body),
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


def _running(body: list[ast.stmt]) -> frozenset[str]:
    """Return the names of a prelude's own code that may leave something behind, if it is called.

    These are classes, functions that are not plain, and those that mention one of the others.
    """
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    definitions = [node for node in body if isinstance(node, kinds)]
    own = frozenset(node.name for node in definitions if isinstance(node, ast.ClassDef))
    while True:
        found = own.union(node.name for node in definitions if not _calls_none(node, own))
        if found == own:
            return own
        own = found


def _only_defines(node: ast.stmt, own: frozenset[str]) -> bool:
    """Whether a statement imports or defines, and calls none of the prelude's `own` code."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        return (
            node.name not in _HOOKS
            and all(_calls_none(part, own) for part in defaults)
            and all(_only_names(part, own) for part in node.decorator_list)
            and not any(isinstance(part, ast.Call) for part in _annotations(node))
        )
    if isinstance(node, ast.ClassDef):
        return (
            not any(keyword.arg == "metaclass" for keyword in node.keywords)
            and all(_only_names(part, frozenset()) for part in node.bases)
            and all(_only_names(part, own) for part in node.decorator_list)
            and all(_only_defines(inner, own) for inner in node.body)
        )
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return _calls_none(node, own)
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.AST]:
    """Return the parts of a function's annotations, which run when it is defined."""
    parts = [argument for argument in ast.walk(node.args) if isinstance(argument, ast.arg)]
    found = [part.annotation for part in parts] + [node.returns]
    return [inner for part in found if part is not None for inner in ast.walk(part)]


def _only_names(part: ast.AST, own: frozenset[str]) -> bool:
    """Whether a decorator or a base is a dotted name, or else plain, and none of these names."""
    while isinstance(part, ast.Attribute):
        part = part.value
    return _calls_none(part, own)


def _calls_none(part: ast.AST, own: frozenset[str]) -> bool:
    """Whether code is plain and mentions none of these names."""
    return is_plain(part) and not any(
        isinstance(node, ast.Name) and node.id in own for node in ast.walk(part)
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
