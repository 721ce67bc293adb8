"""Values and calls inside prose: finding their end, and evaluating them.

A value is a literal, a container of values, arithmetic on numbers, or a call of one of a few
constructors: Python's, those of `standard_values`, and those of classes that the caller names.
Names are never looked up, and nothing is executed. A number that may mean another one than it does
in Python (`1,000`, `007`, `10^3`) is not a value.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.parsing.source import expression, is_builtin, unparse
from agent.visible_tests.standard_values import WORDS, dotted, is_standard

LONGEST = 4000
"""Maximum length of a call or a value, in characters."""

_STRING = r"""[bBrRuU]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
_NUMBER = r"0[xXoObB][0-9a-fA-F_]+|(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?j?"
_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<string>{_STRING})|(?P<number>{_NUMBER})|(?P<name>[^\W\d]\w*)"
    r"|(?P<comment>#[^\n]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<other>==|.)",
    re.DOTALL,
)
_CONSTANT_WORDS = {
    "true": "True", "false": "False", "null": "None", "none": "None", "inf": "float('inf')"
}  # fmt: skip
_CONSTRUCTORS = frozenset(
    ("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "range",
     "set", "str", "tuple")
)  # fmt: skip
"""Python's constructors. A call of one counts as a value if its arguments are values."""
_FACTORIES = frozenset({"defaultdict", "collections.defaultdict"})
"""Constructors whose first argument may be a class."""
_CONSTANTS = frozenset({"True", "False", "None"})
_CLASS = re.compile(r"<class '(\w+)'>")
_MEMBER = re.compile(r"<(\w+\.\w+): [^<>\n]*>")
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w,.]*\d)")
_SPACED = re.compile(r"\d,[ \t]+-?\d")
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


Names = frozenset[str]


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


def read_value(
    text: str, start: int, end: int, *, escapes: bool = False, classes: Names = frozenset()
) -> Value | None:
    """Return the longest value that begins at `start`; None if no value begins there.

    With `escapes`, the text is the inside of a string literal that is not raw: its escapes are
    decoded first, and the text as written is read only if the decoded text is not a value.
    Instances of `classes` are values too.
    """
    match = re.compile(r"\s*").match(text, start, end)
    start = match.end() if match else start
    for stop in reversed(list(_possible_ends(text, start, end, classes))):
        source = value_source(text[start:stop], escapes=escapes, classes=classes)
        if source is not None:
            return Value(source, start, stop)
    return None


def value_source(text: str, *, escapes: bool = False, classes: Names = frozenset()) -> str | None:
    """Return the text as Python source (`true` becomes `True`); None if it is not one value."""
    for reading in readings(text, escapes=escapes):
        plain = _without_signs(reading, classes).strip()
        node = expression(plain)
        if node is not None and is_value(node, classes) and not _is_loose(plain, node):
            return _as_python(plain, node)
    return None


def is_doubtful(text: str) -> bool:
    """Whether Python may read a number otherwise than it is meant: `1,000`, `1.000`, `00`."""
    tokens = list(_tokens(text, 0, len(text)))
    if any(re.fullmatch(r"0\d+|\d{1,3}\.000", token.group()) for token in tokens):
        return True
    bare = "".join("''" if token.lastgroup == "string" else token.group() for token in tokens)
    return _THOUSANDS.search(bare) is not None and _SPACED.search(bare) is not None


def comments(text: str) -> Iterator[str]:
    """Yield the comments in a text, outside of strings."""
    yield from (t.group() for t in _tokens(text, 0, len(text)) if t.lastgroup == "comment")


def _without_signs(text: str, classes: Names) -> str:
    """Return the text with `<class 'int'>` as `int`, and `<Color.RED: 1>` as `Color.RED`."""
    text = _CLASS.sub(lambda match: match[1] if is_builtin(match[1]) else match[0], text)
    return _MEMBER.sub(
        lambda match: match[1] if match[1].partition(".")[0] in classes else match[0], text
    )


def _is_loose(text: str, node: ast.expr) -> bool:
    """Whether a text is a tuple without brackets, or has a doubtful number."""
    bare = isinstance(node, ast.Tuple) and balanced_end(text, 0, len(text)) != len(text)
    return bare or is_doubtful(text)


def readings(text: str, *, escapes: bool) -> Iterator[str]:
    """Yield possible texts of a piece of a literal: with its escapes decoded, then as written."""
    if escapes and "\\" in text:
        for quote in ('"""', "'''"):
            node = expression(f"{quote}{text}\n{quote}") if quote not in text else None
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value[:-1]
                break
    yield text


def is_value(node: ast.AST, classes: Names | None = None) -> bool:
    """Whether an expression consists only of literals and of constructor calls on literals.

    Values of the standard library and instances of `classes` count only if `classes` is given.
    """
    if classes is not None and _is_made(node, classes):
        return True
    match node:
        case ast.Constant(value=value):
            return value is not ...
        case ast.Name(id=name):
            return name in _CONSTANT_WORDS
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            given = (*arguments, *(item.value for item in keywords))
            return name in _CONSTRUCTORS and all(is_value(item, classes) for item in given)
        case ast.BinOp(op=ast.BitXor()) if classes is not None:
            return False  # `10^3` is a power in most texts
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict() | ast.UnaryOp() | ast.BinOp():
            return all(is_value(part, classes) for part in _parts(node))
        case ast.Starred(value=value):
            return is_value(value, classes)
        case _:
            return False


def _is_made(node: ast.AST, classes: Names) -> bool:
    """Whether a node is a value of the standard library, or an instance of a class."""
    match node:
        case ast.Attribute(value=ast.Name(id=name)) if name in classes:
            return True  # a member of an enumeration
        case ast.Attribute():
            return is_standard(node)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            given = [*arguments, *(item.value for item in keywords)]
            if dotted(function) in _FACTORIES and given and isinstance(given[0], ast.Name):
                given = given[1:] if given[0].id in _CONSTRUCTORS else given
            made = dotted(function) in classes or is_standard(node)
            return made and all(is_value(item, classes) for item in given)
        case _:
            return False


def evaluate(source: str) -> object:
    """Evaluate a value. Raises ValueError if it is not a value or cannot be computed."""
    node = expression(source)
    if node is None or not is_value(node, frozenset()):
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


def _possible_ends(text: str, start: int, end: int, classes: Names) -> Iterator[int]:
    """Yield the offsets at which a value that begins at `start` may end, in ascending order."""
    depth = 0
    known = _CONSTANT_WORDS.keys() | _CONSTRUCTORS | _CONSTANTS | WORDS | classes
    previous = ""
    for token in _tokens(text, start, end):
        kind, word = token.lastgroup, token.group()
        depth += (kind == "open") - (kind == "close")
        if depth < 0 or (depth == 0 and _ends(kind, word)) or word in {'"', "'"}:
            return
        keyword = depth > 0 and text.startswith("=", token.end())
        if kind == "name" and word not in known and not keyword and previous != ".":
            return
        previous = word
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
        item.id = _CONSTANT_WORDS[item.id]
    return unparse(node) if words else text


def _evaluated(node: ast.expr) -> object:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _arithmetic(op, _evaluated(left), _evaluated(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _arithmetic(ast.Sub(), 0, _evaluated(operand))
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))]):
            return float(text)
        case ast.Attribute(attr="inf"):
            return float("inf")
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
