"""The basic blocks of a program, by the lines on which its statements begin."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from agent.parsing.source import parse
from agent.parsing.statements import first_line

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_WITHS = (ast.With, ast.AsyncWith)
_COMPOUND = (*_LOOPS, *_WITHS, ast.If, ast.Try, ast.TryStar, ast.Match)
_PARTS = (ast.stmt, ast.ExceptHandler, ast.match_case)


class StatementLine(NamedTuple):
    """The statement, or statements, that begin on a line."""

    leads: bool
    """True if a basic block begins here."""
    repeats: bool
    """True if it is a loop with its body on the same line."""
    closes: bool
    """True if it is a `with`: Python returns to its line after the body."""
    loop: int
    """Line of the loop whose body begins here and continues the loop's block; 0 for others."""
    last: int
    """Last line of the statement, or of a compound one's header."""
    names: tuple[str, ...]

    def __or__(self, other: StatementLine) -> StatementLine:
        return StatementLine(
            self.leads or other.leads,
            self.repeats or other.repeats,
            self.closes or other.closes,
            max(self.loop, other.loop),
            max(self.last, other.last),
            (*self.names, *other.names),
        )


def basic_blocks(program: str) -> dict[int, StatementLine]:
    """Return the statements of a program by line; an empty dict if it does not parse.

    A block begins at each loop's header, at the first statement of a body, and after a compound
    statement. A header that only branches ends the block before it. A loop's body continues the
    block of its header if the header ran just before: Python 3.9 runs no header of `while True`.
    """
    found: dict[int, StatementLine] = {}
    tree = parse(program)
    for node in ast.walk(tree) if tree else ():
        for number, line in _lines(node):
            found[number] = found[number] | line if number in found else line
    return found


def _lines(node: ast.AST) -> Iterator[tuple[int, StatementLine]]:
    """Yield the statements in a node's bodies, and headers that are not statements."""
    match node:
        case ast.ExceptHandler():
            yield node.lineno, _line(node, node.lineno, leads=True)
        case ast.match_case():
            yield node.pattern.lineno, _line(node, node.pattern.lineno, leads=False)
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        # `except` begins a block, and its body continues it.
        follows = not isinstance(node, ast.ExceptHandler)
        loop = node.lineno if isinstance(node, _LOOPS) and name == "body" else 0
        for statement in body if isinstance(body, list) else ():
            loops, start = isinstance(statement, _LOOPS), first_line(statement)
            goes_on = loop if start > loop and not loops else 0
            yield start, _line(statement, start, leads=follows or loops, loop=goes_on)
            follows, loop = isinstance(statement, _COMPOUND), 0


def _line(node: ast.AST, start: int, *, leads: bool, loop: int = 0) -> StatementLine:
    header = [part for part in ast.iter_child_nodes(node) if not isinstance(part, _PARTS)]
    parts = [part for top in header for part in ast.walk(top)]
    whole = [node] if len(header) == len([*ast.iter_child_nodes(node)]) else []
    return StatementLine(
        leads,
        isinstance(node, _LOOPS) and first_line(node.body[0]) == start,
        isinstance(node, _WITHS),
        loop,
        max([start, *(getattr(part, "end_lineno", None) or 0 for part in [*parts, *whole])]),
        tuple(dict.fromkeys(name for part in parts if (name := _bound_or_read(part)))),
    )


def _bound_or_read(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name):
            return name
        case ast.MatchMapping(rest=name):
            return name
    return None
