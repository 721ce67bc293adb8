"""Canonical text of data: equal data have equal texts, so that results can be compared.

Floats that are not whole are written with twelve digits, since further digits depend on the order
of summation. An object that is not data does not have a canonical text, since the program decides
its `repr`.
"""

from __future__ import annotations

import builtins
import datetime
import sys
import zlib
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

_BIG = 1 << 64  # integers from here on are in hexadecimal: decimal takes quadratic time
_DIGITS = 12
_MAX_ITEMS = 100_000
"""Maximum number of items of a value, including nested ones. Larger values have no text."""
_LARGEST_EXPONENT = 400
"""Limit on the exponent of a decimal: beyond it, a ratio of integers would be too long."""
_NO_TEXT = (RecursionError, MemoryError, ArithmeticError, ValueError)


class NoDataError(Exception):
    """A value is not data, contains something that is not, or is too large."""


def canonical(value: Any, limit: int) -> str:
    """Return the canonical text; if longer than the limit, cut and with a checksum at its end.

    Empty if the value is not data, nests too deeply or is too large.
    """
    try:
        text = _Writer().text(value)
    except (NoDataError, *_NO_TEXT):
        return ""
    if len(text) <= limit:
        return text
    mark = f"...{len(text)}:{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"
    return text[: max(0, limit - len(mark))] + mark


class _Writer:
    """A writer of one value, which counts its items and refuses a value that holds itself."""

    def __init__(self) -> None:
        self._left = _MAX_ITEMS
        self._open: set[int] = set()

    def text(self, value: Any) -> str:
        kind = type(value)
        leaf = _LEAVES.get(kind)
        if leaf is not None:
            return leaf(value)
        container = _CONTAINERS.get(kind)
        if container is None and isinstance(value, tuple):  # a named one
            container = _CONTAINERS[tuple]
        if container is not None:
            if id(value) in self._open:
                raise NoDataError
            self._open.add(id(value))
            text = container(self, value)
            self._open.discard(id(value))
            return text
        if kind is type and vars(builtins).get(value.__name__) is value:
            return repr(value)
        if "numpy" in sys.modules and kind is sys.modules["numpy"].ndarray:
            return f"array({value.shape}, {self.text(value.tolist())})"
        raise NoDataError

    def texts(self, values: Collection[Any]) -> list[str]:
        self._left -= len(values)
        if self._left < 0:
            raise NoDataError
        return [self.text(value) for value in values]

    def listed(self, values: Collection[Any]) -> str:
        return ", ".join(self.texts(values))

    def sorted(self, values: Collection[Any]) -> str:
        return ", ".join(sorted(self.texts(values)))

    def paired(self, value: Any) -> str:
        texts = self.texts([part for pair in dict.items(value) for part in pair])
        return ", ".join(sorted(map(": ".join, zip(texts[::2], texts[1::2]))))


def _integer(value: int) -> str:
    return str(int(value)) if -_BIG < value < _BIG else hex(value)


def _float(value: float) -> str:
    if not value.is_integer():
        text = f"{value:.{_DIGITS}g}"
        value = float(text)
        if not value.is_integer():
            return text
    return _integer(int(value))


def _fraction(value: Fraction) -> str:
    if value.denominator == 1:
        return _integer(value.numerator)
    near = float(value)
    if near == value:
        return _float(near)
    return f"{_integer(value.numerator)}/{_integer(value.denominator)}"


def _decimal(value: Decimal) -> str:
    if value.is_finite() and abs(value.adjusted()) < _LARGEST_EXPONENT:
        return _fraction(Fraction(value))
    return f"Decimal({value})"


def _complex(value: complex) -> str:
    return f"({_float(value.real)}, {_float(value.imag)}j)" if value.imag else _float(value.real)


def _range(value: range) -> str:
    if not value:
        return "range()"
    first, last = value[0], value[-1]
    step = 0 if first == last else value.step
    return f"range({_integer(first)}, {_integer(last)}, {_integer(step)})"


_LEAVES: dict[type, Callable[[Any], str]] = {
    bool: _integer,
    int: _integer,
    float: _float,
    complex: _complex,
    Decimal: _decimal,
    Fraction: _fraction,
    range: _range,
    bytearray: lambda value: repr(bytes(value)),
    **dict.fromkeys((str, bytes, type(None), type(Ellipsis), type(NotImplemented)), repr),
    **dict.fromkeys((datetime.datetime, datetime.date, datetime.time, datetime.timedelta), repr),
}
_CONTAINERS: dict[type, Callable[[_Writer, Any], str]] = {
    list: lambda writer, value: f"[{writer.listed(value)}]",
    tuple: lambda writer, value: f"({writer.listed(value)}{',' * (len(value) == 1)})",
    deque: lambda writer, value: f"deque({writer.listed(value)})",
    type({}.values()): lambda writer, value: f"values({writer.listed(value)})",
    slice: lambda w, value: f"slice({w.listed((value.start, value.stop, value.step))})",
    **dict.fromkeys(
        (set, frozenset, type({}.keys()), type({}.items())),
        lambda writer, value: f"set({writer.sorted(value)})",
    ),
    **dict.fromkeys(
        (dict, OrderedDict, defaultdict, Counter),
        lambda writer, value: f"{{{writer.paired(value)}}}",
    ),
}
