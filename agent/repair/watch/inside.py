"""What runs inside the sandbox, beside a program: it watches one call, basic block by basic block.

The text of this file goes into the program (`agent.observe`); the loop itself runs none of it.
Standard library only, for Python 3.9 or newer. It is NOT protected from the program: what it tells
is data of the program's own, and whatever goes wrong costs no more than the trace.
"""

from __future__ import annotations

import builtins
import re
import sys
from bisect import bisect_right
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator
from itertools import islice
from opcode import opname
from types import BuiltinFunctionType, FrameType, FunctionType, GeneratorType, ModuleType
from typing import Any

MOST_BLOCKS = 10
"""Blocks that are told: the first half and the last half of all that were run."""
MOST_VALUES = 12
"""Variables of one block."""
MOST_CHARS = 100
"""Length of one text."""
MOST_RUN = 2_000
"""Blocks after which the call is ended, so that an endless loop has a trace too."""

_ROOM = 250
"""Frames that taking values may need on top of a program that recurses."""
_FRAMES_OF_OURS = 8
"""Frames that we take of the stack, or a few less: a program may then recurse so much deeper."""
_SUSPENDS = 0x20 | 0x80 | 0x200  # generators and coroutines of both kinds
_LOOK_AHEAD = 4 * MOST_CHARS
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+|(?<=0x)[0-9a-f]{12}\b")
_UNTOLD = (FunctionType, BuiltinFunctionType, ModuleType, type)
_BRACKETS: dict[Any, Any] = {
    list.__repr__: "[]",
    tuple.__repr__: "()",
    set.__repr__: "{}",
    dict.__repr__: "{}",
    frozenset.__repr__: ("frozenset({", "})"),
    deque.__repr__: ("deque([", "])"),
    Counter.__repr__: ("Counter({", "})"),
    OrderedDict.__repr__: ("OrderedDict({", "})"),
    defaultdict.__repr__: ("defaultdict({", "})"),
}

Table = dict[int, tuple[bool, bool, bool, int, str]]
"""The statements that begin on a line: whether they lead a block, whether they are a loop on one
line, whether they are a `with`, which comes up again after its body, the line of the loop whose
body they begin, or 0, and the names in them."""


class Stop(BaseException):
    """Ends a call that has run long enough."""


class Block:
    """One block as it was run, in one frame."""

    def __init__(self, line: int) -> None:
        self.lines = [line]
        self.values: list[str] = []
        self.event = self.raised = ""


class Recorder:
    """The trace function. `table` has the statements, by line."""

    def __init__(self, filename: str, table: Table) -> None:
        self._filename, self._table, self._starts = filename, table, sorted(table)
        self._open: dict[FrameType, Block] = {}
        self.blocks: list[Block] = []

    def begin(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Follow a frame, if it is the program's own and has statements."""
        code = frame.f_code
        own = code.co_filename == self._filename and not code.co_name.startswith("<")
        return self._step if own else None

    def _step(self, frame: FrameType, event: str, argument: Any) -> Any:
        limit = sys.getrecursionlimit()
        try:
            sys.setrecursionlimit(limit)  # refused where the program has used it up
        except RecursionError:
            raise RecursionError("maximum recursion depth exceeded") from None
        try:
            sys.setrecursionlimit(limit + _ROOM)
            if event == "line":
                self._line(frame)
            elif event == "return":
                self._close(frame, self._end(frame, argument))
            elif event == "exception" and frame in self._open:
                self._open[frame].raised = _raised(*argument[:2])
        except Stop:
            raise
        except BaseException:  # noqa: BLE001 - untrusted code runs here
            sys.settrace(None)  # half a trace would lie about how the call ended
            self._open, self.blocks = {}, []
        finally:
            sys.setrecursionlimit(limit)
        return self._step

    def _line(self, frame: FrameType) -> None:
        start = self._starts[bisect_right(self._starts, frame.f_lineno) - 1]
        leads, repeats, closes, loop, _ = self._table[start]
        block = self._open.get(frame)
        if block is not None:
            last = block.lines[-1]
            # Within one statement, or back at a `with` whose body is done.
            if (start == last and not repeats) or (start < last and (closes or not leads)):
                return
            if not leads or loop == last:
                block.lines.append(start)
                return
            quiet = block.raised.startswith("raises StopIteration")  # so `for` ends a loop
            self._close(frame, "" if quiet else block.raised)
        if len(self.blocks) == MOST_RUN:
            self._stop()
        self._open[frame] = Block(start)
        self.blocks.append(self._open[frame])

    def finish(self, event: str) -> None:
        """Close what is open: Python drops a trace function that finds no room on the stack."""
        for frame in [*self._open]:
            self._close(frame, event)

    def _stop(self) -> None:
        self.finish("")
        self.blocks[-1].event = "still runs"
        raise Stop

    def _end(self, frame: FrameType, value: Any) -> str:
        """How a frame is left: by `return`, by `yield` or by an exception."""
        block, code = self._open.get(frame), frame.f_code
        if not opname[code.co_code[frame.f_lasti]].startswith("RETURN"):
            if block is not None and block.raised:
                return block.raised
            if code.co_flags & _SUSPENDS:
                return "yields " + text_of(value)
        return "returns " + text_of(value)

    def _close(self, frame: FrameType, event: str) -> None:
        block = self._open.pop(frame, None)
        if block is None:
            return
        block.event = event
        names = " ".join(self._table[line][-1] for line in block.lines).split()
        values = frame.f_locals
        told = (name for name in dict.fromkeys(names) if name in values)
        data = (name for name in told if not issubclass(type(values[name]), _UNTOLD))
        block.values = [f"{name} = {text_of(values[name])}" for name in islice(data, MOST_VALUES)]


def text_of(value: Any) -> str:
    """A value's `repr`, made no further than it is told: on one line, and without addresses."""
    text = ""
    try:
        for piece in _pieces(value, ()):
            text += piece[:_LOOK_AHEAD]
            if len(text) > _LOOK_AHEAD:
                break
    except BaseException:  # noqa: BLE001 - untrusted code runs here
        return _type_of(value)
    return _told(text)


def _told(text: str) -> str:
    scrubbed = _ADDRESS.sub(lambda found: "..." if found[0][0] != " " else "", text)
    line = "".join(letter if letter.isprintable() else " " for letter in scrubbed)
    return line if len(line) <= MOST_CHARS else line[: MOST_CHARS - 3] + "..."


def _raised(kind: type, error: Any) -> str:
    try:
        message = str(error)[:_LOOK_AHEAD]
    except BaseException:  # noqa: BLE001 - untrusted code runs here
        message = ""
    return _told(f"raises {kind.__name__}: {message}".rstrip(": "))


def _type_of(value: Any) -> str:
    return f"<{type(value).__name__}>"


def _pieces(value: Any, outside: tuple[int, ...]) -> Iterator[str]:
    """The text of a value, piece by piece. `outside` are the containers that it stands in."""
    kind = type(value)
    if kind in (str, bytes, bytearray):
        yield repr(value[:_LOOK_AHEAD])
    elif kind.__repr__ in _BRACKETS and (value or kind not in (set, frozenset)):
        opening, closing = _BRACKETS[kind.__repr__]
        yield opening
        if id(value) in outside:
            yield "..."
        else:
            yield from _items(value, (*outside, id(value)))
        yield closing
    elif kind is int and value.bit_length() > 4 * _LOOK_AHEAD:
        yield f"<int of {value.bit_length()} bits>"
    else:
        try:
            text = repr(value)
        except BaseException:  # noqa: BLE001 - untrusted code runs here
            text = _type_of(value)
        yield text


def _items(value: Any, outside: tuple[int, ...]) -> Iterator[str]:
    for index, item in enumerate(value):
        yield ", " if index else ""
        yield from _pieces(item, outside)
        if isinstance(value, dict):
            yield ": "
            yield from _pieces(value[item], outside)
    if isinstance(value, tuple) and len(value) == 1:
        yield ","


def observe(names: dict[str, Any], table: Table, call: str) -> list[list[Any]]:
    """Run a call among the program's names: of each block its number, lines, values and event."""
    recorder = Recorder(sys._getframe(1).f_code.co_filename, table)
    code = compile(call, "<call>", "eval", dont_inherit=True)
    own = dict(vars(builtins))  # a test's `list(...)` is Python's, whatever the program calls so
    own.pop(call.partition("(")[0], None)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + _FRAMES_OF_OURS)
    sys.settrace(recorder.begin)
    failure = None
    try:
        result = eval(code, names, own)
        if type(result) is GeneratorType:
            deque(islice(result, MOST_RUN), maxlen=0)
    except BaseException as error:  # noqa: BLE001 - untrusted code runs here
        failure = error
    finally:
        sys.settrace(None)
        sys.setrecursionlimit(limit)
    recorder.finish(_raised(type(failure), failure) if failure is not None else "")
    blocks = [[i, b.lines, b.values, b.event] for i, b in enumerate(recorder.blocks)]
    half = MOST_BLOCKS // 2
    return blocks if len(blocks) <= MOST_BLOCKS else blocks[:half] + blocks[-half:]
