"""Common properties of a function's inputs that examples can show."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

Property = Callable[[object], bool | None]
"""A predicate: True if a value has the property, False if not, None if it does not apply."""

SIZED = (str, list, tuple, set, dict)


def _not_empty(value: object) -> bool | None:
    return len(value) > 0 if isinstance(value, SIZED) else None


def _not_negative(value: object) -> bool | None:
    return value >= 0 if isinstance(value, (int, float)) else None


def ordered(value: object) -> bool | None:
    """Whether a list is in ascending order; None for fewer than two items."""
    if not isinstance(value, list) or len(value) < 2:
        return None
    try:
        return all(left <= right for left, right in pairwise(value))
    except TypeError:
        return None


def _rectangular(value: object) -> bool | None:
    """Whether the rows of a list have equal lengths; None for fewer than two rows."""
    sizes = _row_sizes(value)
    return None if len(sizes) < 2 else len(set(sizes)) == 1


def _square(value: object) -> bool | None:
    sizes = _row_sizes(value)
    return set(sizes) == {len(sizes)} if sizes else None


def _row_sizes(value: object) -> list[int]:
    rows = value if isinstance(value, list) else []
    return [len(row) for row in rows if isinstance(row, (list, tuple, str))]


def _numeral(value: object) -> bool | None:
    """Whether a text is a decimal number; None for an empty text or another type."""
    if not isinstance(value, str) or not value:
        return None
    return re.fullmatch(r"[+-]?\d+(\.\d*)?", value) is not None


def _balanced(value: object) -> bool | None:
    """Whether the brackets of a text are balanced; None for a text without brackets."""
    brackets = re.findall(r"[()\[\]{}<>]", value) if isinstance(value, str) else []
    opened: list[str] = []
    for bracket in brackets:
        if bracket in _CLOSING:
            opened.append(_CLOSING[bracket])
        elif not opened or opened.pop() != bracket:
            return False
    return not opened if brackets else None


_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
PROPERTIES: tuple[Property, ...] = (
    _not_empty, _not_negative, ordered, _rectangular, _square, _numeral, _balanced,
)  # fmt: skip
