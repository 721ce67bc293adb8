"""Idioms compiled to functions, and idioms as text with their arguments filled in.

A search evaluates functions that are compiled from the same text that is written into programs.
Only texts of our own tables, and expressions built from them, are compiled.
"""

from __future__ import annotations

import ast
import collections
import functools
import inspect
import itertools
import math
import os
import re
import statistics
import string
from collections.abc import Callable, Sequence
from typing import Any

from agent.synthesiser.components import helpers

Vector = Callable[..., list[Any]]
ELEMENT = "\x00"
"""Placeholder of the bound variable in the text of a function's body."""

MODULES = {
    module.__name__: module
    for module in (collections, functools, itertools, math, os, re, statistics, string)
}
HELPERS: dict[str, Callable[..., Any]] = dict(inspect.getmembers(helpers, inspect.isfunction))
_NAMESPACE: dict[str, Any] = {**MODULES, **HELPERS}
_BOUND = re.compile(r"\$(\w+)")
_APPLIED = re.compile(r"\{(\d)\}\(\$(\w+)\)")
_SLOT = re.compile(r"\{(\d)\}")
_CLOSED = (
    ast.Call,
    ast.Subscript,
    ast.Attribute,
    ast.Name,
    ast.List,
    ast.Dict,
    ast.ListComp,
    ast.Constant,
)

EVALUATION_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
    re.error,
)
"""Exceptions that an idiom may raise on unusual arguments; a search records FAILED for them."""


def _plain(text: str) -> str:
    """Return the text as Python, with its arguments named a0, a1, ..."""
    text = _SLOT.sub(r"a\1", _BOUND.sub(r"\1", text))
    return text.replace("{{", "{").replace("}}", "}")


@functools.cache
def over_columns(text: str, arity: int) -> Vector:
    """Return the idiom as a function of `arity` columns of values."""
    names = [f"a{index}" for index in range(arity)]
    columns = [name.upper() for name in names]
    if arity == 1:
        source = f"lambda A0: [{_plain(text)} for a0 in A0]"
    else:
        inner = f"for {', '.join(names)} in zip({', '.join(columns)})"
        source = f"lambda {', '.join(columns)}: [{_plain(text)} {inner}]"
    return _compiled(source)


@functools.cache
def over_values(text: str, arity: int) -> Callable[..., Any]:
    """Return the idiom as a function of `arity` values."""
    return _compiled(f"lambda {', '.join(f'a{i}' for i in range(arity))}: {_plain(text)}")


def closure(body: str, params: Sequence[str], bound: str) -> Callable[..., Any]:
    """Return a function of the parameters that returns the function of the bound variable."""
    outer = f"lambda {', '.join(params)}: lambda {bound}: {body.replace(ELEMENT, bound)}"
    return _compiled(outer)


def _compiled(source: str) -> Callable[..., Any]:
    function: Callable[..., Any] = eval(source, _NAMESPACE)
    return function


@functools.cache
def is_closed(text: str) -> bool:
    """Whether the idiom binds tightly enough to be an argument without brackets."""
    node = ast.parse(_plain(text), mode="eval").body
    return isinstance(node, _CLOSED)


def fill(text: str, args: Sequence[str], taken: Sequence[str]) -> str:
    """Return the idiom with its arguments; bound variables avoid the names in `taken`."""

    def bound(name: str) -> str:
        while name in taken:
            name += "_"
        return name

    def applied(match: re.Match[str]) -> str:
        return "(" + args[int(match[1])].replace(ELEMENT, bound(match[2])) + ")"

    pieces = _APPLIED.sub(lambda match: f"\x01{match.start()}\x02", text)
    bodies = {f"\x01{match.start()}\x02": applied(match) for match in _APPLIED.finditer(text)}
    pieces = _BOUND.sub(lambda match: bound(match[1]), pieces).replace("{{", "{")
    pieces = pieces.replace("}}", "}") if "}}" in text else pieces
    pieces = _SLOT.sub(lambda match: args[int(match[1])], pieces)
    for mark, body in bodies.items():
        pieces = pieces.replace(mark, body)
    return pieces


@functools.cache
def definitions() -> dict[str, ast.FunctionDef]:
    """Return the helpers as written into a program: without docstrings and annotations."""
    found = {}
    for node in ast.parse(inspect.getsource(helpers)).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = _bare(node)
    return found


def _bare(node: ast.FunctionDef) -> ast.FunctionDef:
    node.body = node.body[1:]
    node.returns = None
    for arg in node.args.args:
        arg.annotation = None
    return _Unannotated().visit(node)  # type: ignore[no-any-return]


class _Unannotated(ast.NodeTransformer):
    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        assert node.value is not None  # noqa: S101
        return ast.copy_location(ast.Assign([node.target], node.value), node)
