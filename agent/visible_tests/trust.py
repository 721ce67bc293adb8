"""What a statement of a model's test checks, and which checks may become tests.

This keeps out what is no test of the function: it is no security boundary, the sandbox is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

_PURE = """abs all any ascii bin bool bytearray bytes chr complex dict divmod enumerate filter float
    format frozenset hash hex int isinstance issubclass iter len list map max min next object oct
    ord pow range repr reversed round set slice sorted str sum tuple type zip NotImplemented
    Ellipsis ArithmeticError Exception IndexError KeyError TypeError ValueError ZeroDivisionError
"""
PURE = frozenset(re.findall(r"\w+", _PURE))
"""Builtins that an assert may use: they only work out a value."""

_MODULES = frozenset({"math"})
_EFFECTS = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
_COMPARING: dict[str, type[ast.cmpop]] = {
    "assertEqual": ast.Eq,
    "assertEquals": ast.Eq,
    "assertListEqual": ast.Eq,
    "assertTupleEqual": ast.Eq,
    "assertDictEqual": ast.Eq,
    "assertSetEqual": ast.Eq,
    "assertSequenceEqual": ast.Eq,
    "assertMultiLineEqual": ast.Eq,
    "assertNotEqual": ast.NotEq,
    "assertIs": ast.Is,
    "assertIsNot": ast.IsNot,
    "assertIn": ast.In,
    "assertNotIn": ast.NotIn,
    "assertGreater": ast.Gt,
    "assertGreaterEqual": ast.GtE,
    "assertLess": ast.Lt,
    "assertLessEqual": ast.LtE,
}


class Check(NamedTuple):
    """An expression that must be true, or must raise."""

    expression: ast.expr
    raises: str | None = None
    """Name of the exception."""


def checks_of(node: ast.stmt) -> Iterator[Check]:
    """What a statement checks: an assert, or a call of unittest's or pytest's."""
    match node:
        case ast.Assert(test=test):
            yield Check(_without_approx(test))
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="raises" | "assertRaises")) as call):
            yield from _raising(call.args)
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name("self"), attr=name)) as call
        ):
            check = _unittest(name, call.args, {word.arg: word.value for word in call.keywords})
            if check is not None:
                yield Check(check)
        case _:
            return


def raised_by(context: ast.expr) -> str | None:
    """The exception that `with pytest.raises(...)`, or unittest's form of it, waits for."""
    match context:
        case ast.Call(func=ast.Attribute(attr=name), args=[ast.Name(id=kind), *_]) if name in {
            "raises",
            "assertRaises",
            "assertRaisesRegex",
        }:
            return kind
        case _:
            return None


def is_pure(value: ast.expr, entry_point: str, known: Collection[str] = ()) -> bool:
    """Whether an expression does no more than work out a value, out of names that have one."""
    nodes = list(ast.walk(value))
    return not any(map(_has_effect, nodes)) and _names_are_known(nodes, entry_point, known)


def is_checkable(check: ast.expr, entry_point: str, known: Collection[str] = ()) -> bool:
    """Whether an expression tests the entry point, can be false, and does nothing else.

    `known` are names that the problem's prompt gives a meaning.
    """
    return (
        calls(check, entry_point) and is_pure(check, entry_point, known) and not _always_true(check)
    )


def calls(tree: ast.AST, name: str) -> bool:
    """Whether a function is called by its name anywhere in a tree."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(tree)
    )


def _raising(arguments: list[ast.expr]) -> Iterator[Check]:
    """`raises(ValueError, f, -1)`, or with a lambda that makes the call."""
    match arguments:
        case [ast.Name(id=kind), ast.Lambda(body=body)]:
            yield Check(body, kind)
        case [ast.Name(id=kind), function, *rest]:
            yield Check(ast.Call(function, rest, []), kind)


def _unittest(
    name: str, arguments: list[ast.expr], named: dict[str | None, ast.expr]
) -> ast.expr | None:
    match name, arguments:
        case _, [left, right, *_] if name in _COMPARING:
            return ast.Compare(left, [_COMPARING[name]()], [right])
        case "assertTrue", [check, *_]:
            return check
        case "assertFalse", [check, *_]:
            return ast.UnaryOp(ast.Not(), check)
        case "assertIsNone", [value, *_]:
            return ast.Compare(value, [ast.Is()], [ast.Constant(None)])
        case "assertIsNotNone", [value, *_]:
            return ast.Compare(value, [ast.IsNot()], [ast.Constant(None)])
        case "assertIsInstance", [value, kind, *_]:
            return _call("isinstance", value, kind)
        case "assertCountEqual", [left, right, *_]:
            return ast.Compare(_call("sorted", left), [ast.Eq()], [_call("sorted", right)])
        case "assertAlmostEqual", [left, right, *rest]:
            difference = _call("abs", ast.BinOp(left, ast.Sub(), right))
            if "delta" in named:
                return ast.Compare(difference, [ast.LtE()], [named["delta"]])
            places = named.get("places", rest[0] if rest else ast.Constant(7))
            rounded = _call("round", difference, places)
            return ast.Compare(rounded, [ast.Eq()], [ast.Constant(0)])
        case _:
            return None


def _without_approx(check: ast.expr) -> ast.expr:
    """`f(x) == pytest.approx(y)` in plain Python, where `y` is one number."""
    match check:
        case ast.Compare(
            left=left,
            ops=[ast.Eq()],
            comparators=[
                ast.Call(
                    func=ast.Attribute(attr="approx") | ast.Name(id="approx"), args=[value, *rest]
                ) as call
            ],
        ) if not isinstance(value, (ast.List, ast.Tuple, ast.Dict, ast.Set)):
            named = {word.arg: word.value for word in call.keywords}
            return _near(left, value, rest[0] if rest else named.get("rel"), named.get("abs"))
        case _:
            return check


def _near(
    left: ast.expr, value: ast.expr, relative: ast.expr | None, absolute: ast.expr | None
) -> ast.expr:
    """The tolerance is pytest's: an absolute one alone where only that is given."""
    scaled = ast.BinOp(relative or ast.Constant(1e-6), ast.Mult(), _call("abs", value))
    least = absolute or ast.Constant(1e-12)
    limit = least if absolute and not relative else _call("max", scaled, least)
    return ast.Compare(_call("abs", ast.BinOp(left, ast.Sub(), value)), [ast.LtE()], [limit])


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _has_effect(node: ast.AST) -> bool:
    dunder = isinstance(node, ast.Attribute) and node.attr.startswith("__")
    return dunder or isinstance(node, _EFFECTS)


def _names_are_known(nodes: list[ast.AST], entry_point: str, known: Collection[str]) -> bool:
    """Whether every name is the entry point, a pure builtin, `math`, known, or bound right here."""
    names = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    given = PURE | _MODULES | {entry_point, *known}
    return entry_point not in bound and {node.id for node in names} <= given | bound


def _always_true(check: ast.expr) -> bool:
    """Whether the check holds whatever the entry point does."""
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
