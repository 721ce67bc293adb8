"""Evidence of an exception or a value: text without addresses, cut to a length.

`repr` and `str` of a program's own objects run in its process, and may raise, lie or hang. This
module catches exceptions; the time limit ends a hang. Addresses are removed; the order of a set of
objects that hash by address is NOT made stable.
"""

from __future__ import annotations

import builtins
import re
from types import TracebackType
from typing import Any

from .confine import make_room_to_report

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

PROGRAM, PRELUDE, TEST = "<program>", "<prelude>", "<test>"
COMPILE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LOOK_AHEAD = 8
_scrub = _ADDRESS.sub
_str, _repr, _type = str, repr, type


def of_exception(error: BaseException, limit: int, source: str) -> dict[str, Any]:
    """Return the outcome for an exception, with its innermost line in `source`."""
    trace = BaseException.__dict__["__traceback__"].__get__(error)
    line = _line(trace, source)
    if isinstance(error, MemoryError):
        make_room_to_report()
        return {"status": "out of memory", "exception": "MemoryError", "line": line}
    return {
        "status": "exception",
        "exception": type_name(error),
        "message": shown(error, limit, _str),
        "line": line,
    }


def of_syntax_error(error: BaseException, limit: int) -> dict[str, Any]:
    """Return the outcome of every test of a program that does not compile."""
    return {
        "status": "syntax error",
        "exception": type_name(error),
        "message": shown(error.msg if isinstance(error, SyntaxError) else error, limit, _str),
        "line": error.lineno if isinstance(error, SyntaxError) else None,
    }


def of_broken_test(error: BaseException, limit: int) -> dict[str, Any]:
    """Return the outcome of a test that does not compile."""
    fields = of_syntax_error(error, limit)
    return {**fields, "status": "exception", "exception": "SyntaxError", "line": None}


def shown(value: object, limit: int, how: Any = _repr) -> str:
    """Return the `repr` (or `str`) of a value as an exact string, even if it raises."""
    try:
        text = how(value)
        text = _str.__getitem__(text, slice(0, limit * _LOOK_AHEAD))
    except BaseException as error:  # noqa: BLE001 - untrusted code runs here
        if isinstance(error, MemoryError):
            make_room_to_report()
        return f"<{type_name(value)}: its text raised {type_name(error)}>"[:limit]
    return cut(_scrub("", text), limit)


def cut(text: str, limit: int) -> str:
    """Return the beginning of a text, with "..." at its end if it was longer."""
    return text if len(text) <= limit else text[: max(0, limit - 3)] + "..."


def type_name(value: object) -> str:
    """Return the name of a value's class, without running its metaclass."""
    name: str = _type.__dict__["__name__"].__get__(_type(value))
    return _str.__getitem__(name, slice(0, 100))


def _line(trace: TracebackType | None, source: str) -> int | None:
    """Return the innermost line of a source in a traceback; None if there is none."""
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == source:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
