"""What a statement of a model's test checks, whichever of the usual ways it is written in."""

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
"""What unittest's methods with two arguments compare by."""


class Assertion(NamedTuple):
    """An expression that must be true, or must raise."""

    expression: ast.expr
    raises: str | None = None
    """Name of the exception."""


def checks_of(node: ast.stmt) -> Iterator[Assertion]:
    """What a statement checks: an assert, or a call of unittest's or pytest's."""
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
    """The exception that `with pytest.raises(...)`, or unittest's form of it, waits for."""
    match context:
        case ast.Call(
            func=ast.Attribute(attr="raises" | "assertRaises" | "assertRaisesRegex"),
            args=[ast.Name(id=kind), *_],
        ):
            return kind
        case _:
            return None


def _raising(arguments: list[ast.expr]) -> Iterator[Assertion]:
    """`raises(ValueError, f, -1)`, or with a lambda that makes the call."""
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
