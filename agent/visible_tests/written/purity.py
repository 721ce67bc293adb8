"""Filter of the model's checks: pure expressions that call the entry point may become tests.

It rejects code that does not test the function. It is not a security boundary; the sandbox is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from agent.visible_tests.names import bound_by, names_of

_PURE = """abs all any ascii bin bool bytearray bytes chr complex dict divmod enumerate filter float
    format frozenset hash hex int isinstance issubclass iter len list map max min next object oct
    ord pow range repr reversed round set slice sorted str sum tuple type zip NotImplemented
    Ellipsis ArithmeticError Exception IndexError KeyError TypeError ValueError ZeroDivisionError
"""
GIVEN = frozenset({*re.findall(r"\w+", _PURE), "math"})
"""Names that every assert may use: builtins without side effects, and the module `math`."""

_EFFECTS = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


def is_pure(value: ast.expr, entry_point: str, known: Collection[str] = ()) -> bool:
    """Whether an expression has no side effects and reads only names with a known value."""
    if any(map(_has_effect, ast.walk(value))):
        return False
    bound = bound_by(value)
    return entry_point not in bound and (
        names_of(value) - bound - GIVEN - {entry_point} <= frozenset(known)
    )


def is_checkable(check: ast.expr, entry_point: str, known: Collection[str] = ()) -> bool:
    """Whether an expression calls the entry point, can be false and has no side effects.

    `known` are names that the problem's prompt defines.
    """
    return (
        calls(check, entry_point) and is_pure(check, entry_point, known) and not _always_true(check)
    )


def calls(tree: ast.AST, name: str) -> bool:
    """Whether a tree contains a call of the function `name`."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(tree)
    )


def _has_effect(node: ast.AST) -> bool:
    dunder = isinstance(node, ast.Attribute) and node.attr.startswith("__")
    return dunder or isinstance(node, _EFFECTS)


def _always_true(check: ast.expr) -> bool:
    """Whether the check is true whatever the entry point returns."""
    match check:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return bool(items)
        case ast.Dict(keys=items):
            return bool(items)
        case ast.Lambda() | ast.GeneratorExp():
            return True
        case ast.Constant(value=value):
            return bool(value)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(map(_always_true, values))
        case ast.BoolOp(op=ast.And(), values=values):
            return all(map(_always_true, values))
        case ast.Compare(
            left=left, ops=[ast.Eq() | ast.Is() | ast.LtE() | ast.GtE()], comparators=[right]
        ):
            return ast.dump(left) == ast.dump(right)
        case _:
            return False
