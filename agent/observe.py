"""The values along a call, basic block by basic block, as the sandbox's Python saw them.

A program is run with an observer behind it (`agent.observer`), and one probe asks for what it saw.
What comes back is the program's own word, like everything that it says: text to show, no verdict.
"""

from __future__ import annotations

import ast
import textwrap
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field, TypeAdapter

from agent.observer import MOST_BLOCKS, MOST_CHARS, MOST_VALUES
from agent.parsing.blocks import basic_blocks
from agent.parsing.source import expression
from agent.parsing.statements import lines_of
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
