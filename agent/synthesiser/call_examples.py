"""Calls with expected values, read from docstrings and asserts. Only literals are read."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from agent.errors import UnreadableError

MAX_LITERAL_CHARACTERS = 600
MAX_EXAMPLES = 16
_ARROW = re.compile(
    r"\s*(?:={1,3}>|-+>|➞|→|={2,3}|=|:|#\s*=>|(?:should\s+)?(?:returns?|is|gives|yields))\s*(?:to\s+)?"
)


@dataclass(frozen=True)
class Example:
    """The arguments of a call, and its value. The repr seeds repairs: the name stays."""

    args: tuple[object, ...]
    value: object


def literal(text: str) -> object:
    """Return the value of a literal. Raises UnreadableError if it is too long or not a literal."""
    if len(text) > MAX_LITERAL_CHARACTERS:
        raise UnreadableError
    try:
        value: object = ast.literal_eval(text.strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise UnreadableError from error
    if not _is_known(value):
        raise UnreadableError
    return value


def _is_known(value: object) -> bool:
    """Whether a value consists only of types that the search supports."""
    if isinstance(value, dict):
        return all(_is_known(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set):
        return all(map(_is_known, value))
    return value is None or isinstance(value, bool | int | float | str)


def read_examples(docstring: str, name: str, arity: int) -> tuple[Example, ...]:
    """Return the examples of function `name` in a docstring, in any usual notation."""
    found: dict[str, Example] = {}
    for match in re.finditer(rf"\b{re.escape(name)}\s*\(", docstring):
        end = _closing(docstring, match.end() - 1)
        if end is None:
            continue
        try:
            args = _arguments(docstring[match.start() : end], arity)
            value = _value_after(docstring, end)
        except UnreadableError:
            continue
        found.setdefault(repr(args), Example(args, value))
    return tuple(found.values())[:MAX_EXAMPLES]


def read_asserts(text: str, name: str, arity: int) -> tuple[Example, ...]:
    """Return the examples in lines of the form `assert name(...) == value`."""
    found: dict[str, Example] = {}
    for line in text.splitlines():
        if not line.lstrip().startswith("assert "):
            continue
        try:
            example = _of_assert(line.strip(), name, arity)
        except UnreadableError:
            continue
        found.setdefault(repr(example.args), example)
    return tuple(found.values())[:MAX_EXAMPLES]


def _closing(text: str, start: int) -> int | None:
    """Return the offset after the bracket that closes the one at `start`; quotes are skipped."""
    depth, quote, index = 0, "", start
    while index < min(len(text), start + MAX_LITERAL_CHARACTERS):
        letter = text[index]
        if quote:
            index += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        else:
            depth += (letter in "([{") - (letter in ")]}")
            if depth == 0:
                return index + 1
        index += 1
    return None


def _arguments(call: str, arity: int) -> tuple[object, ...]:
    try:
        node = ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise UnreadableError from error
    return _call_arguments(node, arity)


def _call_arguments(node: ast.expr, arity: int) -> tuple[object, ...]:
    if not isinstance(node, ast.Call) or node.keywords or len(node.args) != arity:
        raise UnreadableError
    return tuple(literal(ast.unparse(arg)) for arg in node.args)


def _value_after(text: str, end: int) -> object:
    """Return the literal after a call: behind an arrow, or on the next line after `>>>`."""
    line, _, rest = text[end:].partition("\n")
    if not line.strip():
        before = text[:end].rpartition("\n")[2]
        following = rest.partition("\n")[0].strip()
        if not before.lstrip().startswith(">>>") and not _ARROW.match(following):
            raise UnreadableError
        arrow = _ARROW.match(following)
        return _leading_literal(following[arrow.end() :] if arrow else following)
    arrow = _ARROW.match(line)
    if arrow is None:
        raise UnreadableError
    return _leading_literal(line[arrow.end() :])


def _leading_literal(text: str) -> object:
    """Return the longest literal that the text begins with."""
    text = text.strip()[:MAX_LITERAL_CHARACTERS]
    ends = [match.start() for match in re.finditer(r"[\s.,;)#]", text)]
    for end in [len(text), *reversed(ends)]:
        try:
            return literal(re.sub(r"\btrue\b", "True", re.sub(r"\bfalse\b", "False", text[:end])))
        except UnreadableError:
            continue
    raise UnreadableError


def _of_assert(line: str, name: str, arity: int) -> Example:
    if len(line) > 2 * MAX_LITERAL_CHARACTERS:
        raise UnreadableError
    try:
        statement = ast.parse(line).body[0]
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise UnreadableError from error
    if not isinstance(statement, ast.Assert):
        raise UnreadableError
    call, value = _sides(statement.test)
    if not (isinstance(call, ast.Call) and ast.unparse(call.func) == name):
        raise UnreadableError
    return Example(_call_arguments(call, arity), literal(value))


def _sides(test: ast.expr) -> tuple[ast.expr, str]:
    """Return the call under test and the text of its expected value."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], ast.Eq | ast.Is):
            return test.left, ast.unparse(test.comparators[0])
        raise UnreadableError
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand, "False"
    return test, "True"
