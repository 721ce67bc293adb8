"""Assertions of a test statement: a plain assert, or a call of unittest or pytest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

_EQUAL = ("Equal", "Equals", "ListEqual", "TupleEqual", "DictEqual", "SetEqual", "SequenceEqual")
_COMPARING: dict[str, type[ast.cmpop]] = {
    **dict.fromkeys((f"assert{kind}" for kind in (*_EQUAL, "MultiLineEqual")), ast.Eq),
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
"""The comparison of each unittest method that takes two arguments."""


class Assertion(NamedTuple):
    """An expression that must be true or, if `raises` is set, must raise."""

    expression: ast.expr
    raises: str | None = None
    """Name of the expected exception; None if the expression must be true."""


def checks_of(node: ast.stmt) -> Iterator[Assertion]:
    """Yield the assertions of a statement: an assert, or a call of unittest or pytest."""
    match node:
        case ast.Assert(test=test):
            yield Assertion(_without_approx(test))
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="raises" | "assertRaises")) as call):
            yield from _raising(call.args)
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name("self"), attr=name)) as call
        ):
            check = _unittest(name, call.args, {word.arg: word.value for word in call.keywords})
            if check is not None:
                yield Assertion(check)
        case _:
            return


def raised_by(context: ast.expr) -> str | None:
    """Return the exception that `with pytest.raises(...)`, or unittest's equivalent, expects."""
    match context:
        case ast.Call(
            func=ast.Attribute(attr="raises" | "assertRaises" | "assertRaisesRegex"),
            args=[ast.Name(id=kind), *_],
        ):
            return kind
        case _:
            return None


def _raising(arguments: list[ast.expr]) -> Iterator[Assertion]:
    """Yield the assertion of `raises(ValueError, f, -1)` or `raises(ValueError, lambda: f(-1))`."""
    match arguments:
        case [ast.Name(id=kind), ast.Lambda(body=body)]:
            yield Assertion(body, kind)
        case [ast.Name(id=kind), function, *rest]:
            yield Assertion(ast.Call(function, rest, []), kind)


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
    """Rewrite `f(x) == pytest.approx(y)` in plain Python, unless `y` is a container."""
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
    """Return a comparison with pytest's tolerance; only the absolute one if only that is given."""
    scaled = ast.BinOp(relative or ast.Constant(1e-6), ast.Mult(), _call("abs", value))
    least = absolute or ast.Constant(1e-12)
    limit = least if absolute and not relative else _call("max", scaled, least)
    return ast.Compare(_call("abs", ast.BinOp(left, ast.Sub(), value)), [ast.LtE()], [limit])


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
