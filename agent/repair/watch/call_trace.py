"""The values along a call, basic block by basic block, as recorded by Python in the sandbox.

The observer (`agent.repair.watch.inside`) is appended to the program, and one probe asks for its
record. The program can forge the record, like all of its output: it is text to show, not a
verdict.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter

from agent.parsing.source import expression
from agent.parsing.statements import lines_of
from agent.repair.watch.blocks import basic_blocks
from agent.repair.watch.inside import MOST_BLOCKS, MOST_CHARS, MOST_RUN, MOST_VALUES
from agent.types import Record
from sandbox.types import Outcome, Status

OBSERVED_CHARS = 50_000
"""The value of `Limits.evidence_chars` with which a probe's record is not cut."""
MOST_LINES = 20
"""Largest number of source lines that are shown of one block."""
MOST_TOLD = 6_000
"""Largest number of characters of all blocks together."""

_NAME = "_observe_call"
_APPENDED = """
def {name}(call):
    import builtins
    names = {{"__name__": {name!r}, "__builtins__": builtins.dict(builtins.vars(builtins))}}
    builtins.exec(builtins.compile({source!r}, "<observer>", "exec", dont_inherit=True), names)
    return names["observe"](builtins.globals(), {table!r}, call)
"""
_EVENTS = ("returns", "yields", "raises")


def _ascending(lines: list[int]) -> list[int]:
    if any(line >= after for line, after in pairwise(lines)):
        raise ValueError("a block runs down its lines")
    return lines


def _value(text: str) -> str:
    name, equals, value = text.partition(" = ")
    if not (equals and name.isidentifier() and value.isprintable() and len(value) <= MOST_CHARS):
        raise ValueError("no value of a variable")
    return text


def _event(text: str) -> str:
    kind, _, told = text.partition(" ")
    known = text in ("", "still runs") or kind in _EVENTS
    if not (known and told.isprintable() and len(told) <= MOST_CHARS):
        raise ValueError("no way to leave a block")
    return text


_Number = Annotated[int, Field(ge=0, lt=MOST_RUN)]
_Lines = Annotated[list[int], AfterValidator(_ascending)]
_Value = Annotated[str, AfterValidator(_value)]
_Values = Annotated[list[_Value], Field(max_length=MOST_VALUES)]
_Seen = tuple[_Number, _Lines, _Values, Annotated[str, AfterValidator(_event)]]
_RECORD = TypeAdapter(Annotated[list[_Seen], Field(max_length=MOST_BLOCKS)])


class TracedBlock(Record):
    """One run of a basic block."""

    number: int
    """Its position among all blocks of the call, from 0; a gap shows that blocks are left out."""
    lines: tuple[str, ...]
    """Source lines, dedented; the last one is `...` if some are left out."""
    values: tuple[str, ...]
    """`name = value` of the local variables that the lines mention, at the end of the block."""
    event: str = ""
    """The event that ended it, or "" if the next block followed: `returns 3`, `yields 3`,
    `raises ValueError: bad`, or `still runs` if the observer ended the call."""

    @property
    def size(self) -> int:
        """Number of characters in its text."""
        return sum(map(len, (*self.lines, *self.values, self.event)))


def watched(program: str, call: str) -> tuple[str, str]:
    """Return the program with an observer, and the test that asks for its record of a call."""
    table = {
        number: (line.leads, line.repeats, line.closes, line.loop, " ".join(line.names))
        for number, line in basic_blocks(program).items()
    }
    appended = _APPENDED.format(name=_NAME, source=_observer(), table=table)
    return f"{program}\n{appended}", f"{_NAME}({call!r})"


@cache
def _observer() -> str:
    return Path(__file__).with_name("inside.py").read_text("utf-8")


def read_blocks(program: str, outcome: Outcome) -> tuple[TracedBlock, ...]:
    """Return the blocks that the observer recorded; none if the outcome holds no valid record.

    The program may have forged the record: anything that the observer cannot write is rejected. The
    first blocks are kept, up to MOST_TOLD characters in all.
    """
    tree = expression(outcome.actual) if outcome.status is Status.PASSED else None
    if tree is None:
        return ()
    try:
        record = _RECORD.validate_python(ast.literal_eval(tree))
    except (ValueError, TypeError):
        return ()
    places, source = basic_blocks(program), lines_of(program)
    if not all(places.keys() >= {*lines} for _, lines, _, _ in record):
        return ()
    blocks = (
        TracedBlock(
            number=number,
            lines=_shown([text for i in lines for text in source[i - 1 : places[i].last]]),
            values=tuple(values),
            event=event,
        )
        for number, lines, values, event in record
    )
    return tuple(_with_room(blocks))


def _shown(lines: list[str]) -> tuple[str, ...]:
    first = (line.rstrip() for line in lines[:MOST_LINES])
    shown = textwrap.dedent("\n".join(first)).split("\n")
    return (*shown, "...") if len(lines) > MOST_LINES else tuple(shown)


def _with_room(blocks: Iterable[TracedBlock]) -> Iterator[TracedBlock]:
    left = MOST_TOLD
    for block in blocks:
        left -= block.size
        if left < 0:
            return
        yield block
