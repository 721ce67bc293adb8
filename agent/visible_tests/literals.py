"""Values and calls inside prose: finding their end, and evaluating them.

A value is a literal, a container of values, arithmetic on numbers, or a call of one of a few
constructors. Names are never looked up, and nothing is executed.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.parsing.source import expression, unparse

LONGEST = 4000
"""Maximum length of a call or a value, in characters."""

_STRING = r"""[bBrRuU]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
_NUMBER = r"0[xXoObB][0-9a-fA-F_]+|(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?j?"
_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<string>{_STRING})|(?P<number>{_NUMBER})|(?P<name>[^\W\d]\w*)"
    r"|(?P<comment>#[^\n]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<other>==|.)",
    re.DOTALL,
)
_CONSTANT_WORDS = {"true": True, "false": False, "null": None, "none": None}
_CONSTRUCTORS = frozenset(
    ("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "range",
     "set", "str", "tuple")
)  # fmt: skip
"""Python's constructors. A call of one counts as a value if its arguments are values."""
_CONSTANTS = frozenset({"True", "False", "None"})
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


class Value(NamedTuple):
    """A value found in a text: its Python source, and its start and end offsets in the text."""

    source: str
    start: int
    end: int


def balanced_end(text: str, start: int, end: int) -> int | None:
    """Return the offset after the bracket that closes the one at `start`; None if none does."""
    expected: list[str] = []
    for token in _tokens(text, start, end):
        if token.lastgroup == "open":
            expected.append(_PAIRS[token.group()])
        elif token.group() in {'"', "'"} or (
            token.lastgroup == "close" and token.group() != expected.pop()
        ):
            return None
        if not expected:
            return token.end()
    return None


def read_value(text: str, start: int, end: int, *, escapes: bool = False) -> Value | None:
    """Return the longest value that begins at `start`; None if no value begins there.

    With `escapes`, the text is the inside of a string literal that is not raw: its escapes are
    decoded first, and the text as written is read only if the decoded text is not a value.
    """
    match = re.compile(r"\s*").match(text, start, end)
    start = match.end() if match else start
    for stop in reversed(list(_possible_ends(text, start, end))):
        source = value_source(text[start:stop], escapes=escapes)
        if source is not None:
            return Value(source, start, stop)
    return None


def value_source(text: str, *, escapes: bool = False) -> str | None:
    """Return the text as Python source (`true` becomes `True`); None if it is not one value."""
    for reading in readings(text, escapes=escapes):
        node = expression(reading)
        if node is not None and is_value(node):
            return _as_python(reading.strip(), node)
    return None


def readings(text: str, *, escapes: bool) -> Iterator[str]:
    """Yield possible texts of a piece of a literal: with its escapes decoded, then as written."""
    if escapes and "\\" in text:
        for quote in ('"""', "'''"):
            node = expression(f"{quote}{text}\n{quote}") if quote not in text else None
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value[:-1]
                break
    yield text


def is_value(node: ast.AST) -> bool:
    """Whether an expression consists only of literals and of constructor calls on literals."""
    match node:
        case ast.Constant(value=value):
            return value is not ...
        case ast.Name(id=name):
            return name in _CONSTANT_WORDS
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            given = (*arguments, *(item.value for item in keywords))
            return name in _CONSTRUCTORS and all(map(is_value, given))
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict() | ast.UnaryOp() | ast.BinOp():
            return all(map(is_value, _parts(node)))
        case ast.Starred(value=value):
            return is_value(value)
        case _:
            return False


def evaluate(source: str) -> object:
    """Evaluate a value. Raises ValueError if it is not a value or cannot be computed."""
    node = expression(source)
    if node is None or not is_value(node):
        raise ValueError(f"not a value: {source}")
    try:
        return _evaluated(node)
    except (TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from None


def _tokens(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    limit = min(end, start + LONGEST)
    while start < limit:
        match = _TOKEN.match(text, start, limit)
        if match is None:
            return
        yield match
        start = match.end()


def _possible_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the offsets at which a value that begins at `start` may end, in ascending order."""
    depth = 0
    for token in _tokens(text, start, end):
        kind, word = token.lastgroup, token.group()
        depth += (kind == "open") - (kind == "close")
        if depth < 0 or (depth == 0 and _ends(kind, word)) or word in {'"', "'"}:
            return
        if kind == "name" and word not in _CONSTANT_WORDS.keys() | _CONSTRUCTORS | _CONSTANTS:
            return
        if depth == 0 and kind in {"string", "number", "name", "close"}:
            yield token.end()


def _ends(kind: str | None, word: str) -> bool:
    """Whether a token outside brackets ends the value before it."""
    return (kind == "space" and "\n" in word) or kind == "comment" or word in {",", "=", "==", ":"}


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.expr_context, ast.operator, ast.unaryop)):
            yield child


def _as_python(text: str, node: ast.expr) -> str | None:
    words = [
        item for item in ast.walk(node) if isinstance(item, ast.Name) and item.id in _CONSTANT_WORDS
    ]
    for item in words:
        item.id = str(_CONSTANT_WORDS[item.id])
    return unparse(node) if words else text


def _evaluated(node: ast.expr) -> object:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _arithmetic(op, _evaluated(left), _evaluated(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _arithmetic(ast.Sub(), 0, _evaluated(operand))
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))]):
            return float(text)
        case ast.List(elts=items):
            return [_evaluated(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_evaluated(item) for item in items)
        case _:
            return ast.literal_eval(node)


def _arithmetic(op: ast.operator, left: object, right: object) -> object:
    if not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
        raise ValueError("arithmetic on a value that is not a number")
    if isinstance(op, ast.Pow) and isinstance(left, int) and left.bit_length() * right > 20_000:
        raise ValueError("the power is too large")
    result: object = _OPERATORS[type(op)](left, right)
    return result
