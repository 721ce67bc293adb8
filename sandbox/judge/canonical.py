"""One text for all equal data: what tells whether two programs gave the same.

Floats count to twelve digits, since beyond them the order of a sum shows. An object that is no data
has no such text: what it says of itself is the program's word.
"""

from __future__ import annotations

import builtins
import datetime
import sys
import zlib
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

_LONG = 1 << 64  # integers from here on are in hexadecimal: decimal digits cost their square
_DIGITS = 12


class NoDataError(Exception):
    """A value is no data, or holds something that is none."""


def canonical(value: Any, limit: int) -> str:
    """The text, its end a checksum where it is longer than the limit.

    Empty for what is no data, and for what is too deep, or too large, to have a text.
    """
    try:
        text = _text(value)
    except (NoDataError, RecursionError, MemoryError):
        return ""
    if len(text) <= limit:
        return text
    mark = f"...{len(text)}:{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"
    return text[: max(0, limit - len(mark))] + mark


def _text(value: Any) -> str:
    kind = type(value)
    write = _WRITE.get(kind)
    if write is not None:
        return write(value)
    if kind is type:  # only Python's own travel
        return repr(value)
    if "numpy" in sys.modules and kind is sys.modules["numpy"].ndarray:
        return f"array({value.shape}, {_text(value.tolist())})"
    raise NoDataError


def _integer(value: int) -> str:
    return str(int(value)) if -_LONG < value < _LONG else hex(value)


def _float(value: float) -> str:
    return _integer(int(value)) if value.is_integer() else f"{value:.{_DIGITS}g}"


def _exact(value: Any) -> str:
    """A decimal or a fraction: as the float that it equals, where it equals one."""
    try:
        near = float(value)
    except (ArithmeticError, ValueError):
        return repr(value)
    if near == value:
        return _float(near)
    return repr(value.normalize() if type(value) is Decimal else value)


def _complex(value: complex) -> str:
    return f"({_float(value.real)}, {_float(value.imag)}j)" if value.imag else _float(value.real)


def _set(values: Iterable[Any]) -> str:
    return f"set({', '.join(sorted(map(_text, values)))})"


def _dict(value: Any) -> str:
    pairs = sorted(f"{_text(key)}: {_text(item)}" for key, item in dict.items(value))
    return f"{{{', '.join(pairs)}}}"


def _parts(value: slice) -> str:
    return f"slice({_text(value.start)}, {_text(value.stop)}, {_text(value.step)})"


def _range(value: range) -> str:
    return f"range({len(value)}, {[*value[:1]]}, {value.step if len(value) > 1 else 0})"


_WRITE: dict[type, Callable[[Any], str]] = {
    bool: _integer,
    int: _integer,
    float: _float,
    complex: _complex,
    Decimal: _exact,
    Fraction: _exact,
    bytearray: lambda value: repr(bytes(value)),
    list: lambda value: f"[{', '.join(map(_text, value))}]",
    tuple: lambda value: f"({', '.join(map(_text, value))}{',' * (len(value) == 1)})",
    deque: lambda value: f"deque({', '.join(map(_text, value))})",
    type({}.values()): lambda value: f"values({', '.join(map(_text, value))})",
    range: _range,
    slice: _parts,
    **dict.fromkeys((set, frozenset, type({}.keys()), type({}.items())), _set),
    **dict.fromkeys((dict, OrderedDict, defaultdict, Counter), _dict),
    **dict.fromkeys((str, bytes, type(None), type(Ellipsis), type(NotImplemented)), repr),
    **dict.fromkeys(
        (datetime.datetime, datetime.date, datetime.time, datetime.timedelta),
        repr,
    ),
}
