"""Which asserts of a model may become tests.

This keeps out what is no test of the function: it is no security boundary, the sandbox is.
"""

from __future__ import annotations

import ast
import re

_PURE = """abs all any ascii bin bool bytearray bytes chr complex dict divmod enumerate filter float
    format frozenset hash hex int isinstance issubclass iter len list map max min next object oct
    ord pow range repr reversed round set slice sorted str sum tuple type zip NotImplemented
    Ellipsis ArithmeticError Exception IndexError KeyError TypeError ValueError ZeroDivisionError
"""
PURE = frozenset(re.findall(r"\w+", _PURE))
"""Builtins that an assert may use: they only work out a value."""

_MODULES = frozenset({"math"})
_EFFECTS = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


def is_checkable(check: ast.expr, entry_point: str) -> bool:
    """Whether an expression tests the entry point, can be false, and does nothing else."""
    nodes = list(ast.walk(check))
    return (
        any(_is_call_of(node, entry_point) for node in nodes)
        and not any(_has_effect(node) for node in nodes)
        and _names_are_known(nodes, entry_point)
        and not _always_true(check)
    )


def _is_call_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _has_effect(node: ast.AST) -> bool:
    dunder = isinstance(node, ast.Attribute) and node.attr.startswith("__")
    return dunder or isinstance(node, _EFFECTS)


def _names_are_known(nodes: list[ast.AST], entry_point: str) -> bool:
    """Whether every name is the entry point, a pure builtin, `math`, or bound right here."""
    names = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    if entry_point in bound:
        return False
    return {node.id for node in names} <= PURE | _MODULES | {entry_point} | bound


def _always_true(check: ast.expr) -> bool:
    """Whether the check holds whatever the entry point does."""
    match check:
        case ast.Tuple(elts=items):
            return bool(items)
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
