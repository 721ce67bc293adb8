"""Recognition of plain tests, which can only call, compute and compare.

A plain test cannot change its own process, so that other tests may run there after it: it does not
import, does not set attributes, reads no attributes except methods of built-in values, and does not
name functions that run text or open files. Any other test runs in a process that ends with it.
"""

from __future__ import annotations

import ast
import math
from typing import Any

_NODES = frozenset(
    (
        ast.Module, ast.Assert, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr,
        ast.For, ast.While, ast.If, ast.Pass, ast.Break, ast.Continue, ast.Try, ast.ExceptHandler,
        ast.Raise, ast.FunctionDef, ast.Return, ast.Lambda, ast.arguments, ast.arg, ast.Name,
        ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.Call, ast.keyword, ast.Constant,
        ast.Tuple, ast.List, ast.Set, ast.Dict, ast.JoinedStr, ast.FormattedValue, ast.IfExp,
        ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Compare,
        ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Load, ast.Store,
        *ast.boolop.__subclasses__(), *ast.unaryop.__subclasses__(),
        *ast.operator.__subclasses__(), *ast.cmpop.__subclasses__(),
    )
)  # fmt: skip
_FORBIDDEN_NAMES = frozenset(
    (
        "breakpoint", "compile", "delattr", "eval", "exec", "exit", "getattr", "globals", "help",
        "input", "locals", "open", "quit", "setattr", "super", "type", "vars",
    )
)  # fmt: skip
_BUILT_IN = (str, bytes, bytearray, int, float, complex, list, tuple, dict, set, frozenset, range)
_ATTRIBUTES = frozenset(
    name for kind in (*_BUILT_IN, math) for name in dir(kind) if not name.startswith("_")
) - {"format", "format_map"}  # whose format strings can read any attribute


def is_plain(tree: ast.AST) -> bool:
    """Whether a parsed test is plain, and may share its process with tests after it."""
    return all(type(node) in _NODES and _harmless(node) for node in ast.walk(tree))


def _harmless(node: Any) -> bool:
    if type(node) is ast.Name:
        return node.id not in _FORBIDDEN_NAMES and not node.id.startswith("__")
    if type(node) is ast.Attribute:
        return node.attr in _ATTRIBUTES and type(node.ctx) is ast.Load
    if type(node) is ast.FunctionDef:
        return not node.decorator_list
    return True
