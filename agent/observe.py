"""The values along a call, basic block by basic block, as the sandbox's Python saw them.

A program is run with an observer behind it (`agent.observer`), and one probe asks for what it saw.
What comes back is the program's own word, like everything that it says: text to show, no verdict.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated, NamedTuple, TypeGuard

from pydantic import Field, TypeAdapter

from agent.observer import MOST_BLOCKS, MOST_CHARS, MOST_VALUES
from agent.parsing.source import expression, is_shallow, parse, unparse
from agent.parsing.statements import first_line, lines_of
from agent.types import Record
from sandbox.types import Outcome, Status

OBSERVED_CHARS = 50_000
"""What `Limits.evidence_chars` must be for a probe's answer to arrive whole."""

_NAME = "_observe_call"
_APPENDED = """
def {name}(call):
    import builtins
    names = {{"__name__": {name!r}, "__builtins__": builtins.dict(builtins.vars(builtins))}}
    builtins.exec(builtins.compile({source!r}, "<observer>", "exec", dont_inherit=True), names)
    return names["observe"](builtins.globals(), {table!r}, call)
"""
_Text = Annotated[str, Field(max_length=2 * MOST_CHARS)]
_Seen = tuple[int, list[int], Annotated[list[_Text], Field(max_length=MOST_VALUES)], _Text]
_RECORD = TypeAdapter(Annotated[list[_Seen], Field(max_length=MOST_BLOCKS)])

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_WITHS = (ast.With, ast.AsyncWith)
_COMPOUND = (*_LOOPS, *_WITHS, ast.If, ast.Try, ast.TryStar, ast.Match)
_PARTS = (ast.stmt, ast.ExceptHandler, ast.match_case)
_CONSTRUCTORS = frozenset(
    ("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "range",
     "set", "str", "tuple")
)  # fmt: skip
_LITERALS = (
    ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.Starred,
    ast.keyword, ast.unaryop, ast.operator, ast.expr_context,
)  # fmt: skip


class Block(Record):
    """One basic block as it was run."""

    number: int
    """Its position among all blocks that the call began, from 0: a gap shows what is left out."""
    lines: tuple[str, ...]
    """Source lines, the least indented one at the margin."""
    values: tuple[str, ...]
    """`name = value` of the local variables that the lines mention, as they were at its end."""
    event: str = ""
    """How it was left, where it was not for the next block: `returns 3`, `yields 3`,
    `raises ValueError: bad`, or `still runs` where the observer ended the call."""


class Line(NamedTuple):
    """What begins on a line: a statement, or several."""

    leads: bool
    """Whether a basic block begins here."""
    repeats: bool
    """Whether it is a loop with its body on the same line."""
    closes: bool
    """Whether it is a `with`, which Python comes back to when its body is done."""
    last: int
    """Last line of the statement, or of a compound one's header."""
    names: tuple[str, ...]

    def __or__(self, other: Line) -> Line:
        return Line(
            self.leads or other.leads,
            self.repeats or other.repeats,
            self.closes or other.closes,
            max(self.last, other.last),
            (*self.names, *other.names),
        )


def basic_blocks(program: str) -> dict[int, Line]:
    """The lines that statements begin on; none where the program does not parse.

    A block begins at each loop's header, at the first statement of a body, and after a compound
    statement. A header that only branches ends the block before it.
    """
    found: dict[int, Line] = {}
    tree = parse(program)
    for node in ast.walk(tree) if tree else ():
        for number, line in _lines(node):
            found[number] = found[number] | line if number in found else line
    return found


def _lines(node: ast.AST) -> Iterator[tuple[int, Line]]:
    """What the bodies of one node hold, and the headers that are no statements."""
    match node:
        case ast.ExceptHandler():
            yield node.lineno, _line(node, node.lineno, leads=True)
        case ast.match_case():
            yield node.pattern.lineno, _line(node, node.pattern.lineno, leads=False)
    for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
        # `except` begins the block that its body goes on with.
        follows = not isinstance(node, ast.ExceptHandler)
        for statement in body if isinstance(body, list) else ():
            loops, start = isinstance(statement, _LOOPS), first_line(statement)
            yield start, _line(statement, start, leads=follows or loops)
            follows = isinstance(statement, _COMPOUND)


def _line(node: ast.AST, start: int, *, leads: bool) -> Line:
    header = [part for part in ast.iter_child_nodes(node) if not isinstance(part, _PARTS)]
    parts = [part for top in header for part in ast.walk(top)]
    whole = [node] if len(header) == len([*ast.iter_child_nodes(node)]) else []
    return Line(
        leads,
        isinstance(node, _LOOPS) and first_line(node.body[0]) == start,
        isinstance(node, _WITHS),
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


def watched(program: str, call: str) -> tuple[str, str]:
    """The program with its observer, and the test that asks what it saw of a call."""
    table = {
        number: (line.leads, line.repeats, line.closes, " ".join(line.names))
        for number, line in basic_blocks(program).items()
    }
    appended = _APPENDED.format(name=_NAME, source=_observer(), table=table)
    return f"{program}\n{appended}", f"{_NAME}({call!r})"


@cache
def _observer() -> str:
    return files("agent").joinpath("observer.py").read_text("utf-8")


def read_blocks(program: str, outcome: Outcome) -> tuple[Block, ...]:
    """What the observer of a program saw; nothing where the outcome is no such record."""
    tree = expression(outcome.actual) if outcome.status is Status.PASSED else None
    if tree is None:
        return ()
    try:
        record = _RECORD.validate_python(ast.literal_eval(tree))
    except (ValueError, TypeError):
        return ()
    places, source = basic_blocks(program), lines_of(program)
    for _, lines, values, event in record:
        if not places.keys() >= {*lines} or not "".join((event, *values)).isprintable():
            return ()
    return tuple(
        Block(
            number=number,
            lines=_at_margin([text for i in lines for text in source[i - 1 : places[i].last]]),
            values=tuple(values),
            event=event,
        )
        for number, lines, values, event in record
    )


def _at_margin(lines: list[str]) -> tuple[str, ...]:
    return tuple(textwrap.dedent("\n".join(line.rstrip() for line in lines)).split("\n"))


def call_in(test: str, entry_point: str) -> str | None:
    """The first call of the entry point on literals in a test, as source."""
    tree = parse(test)
    if tree is None or not is_shallow(tree):
        return None
    calls = [node for node in ast.walk(tree) if _calls(node, frozenset({entry_point}))]
    first = min(calls, key=lambda node: (node.lineno, node.col_offset), default=None)
    return None if first is None else unparse(first)


def _calls(node: ast.AST, names: frozenset[str]) -> TypeGuard[ast.Call]:
    """Whether a node is a call of one of these names on nothing but literals."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and all(_is_literal(item) for item in (*node.args, *node.keywords))
    )


def _is_literal(node: ast.AST) -> bool:
    if isinstance(node, _LITERALS):
        return all(_is_literal(child) for child in ast.iter_child_nodes(node))
    return _calls(node, _CONSTRUCTORS)
