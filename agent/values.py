"""Values as evidence shows them: which of two texts say the same."""

from __future__ import annotations

import ast

from sandbox.types import Outcome

_DIGITS = 12
"""Significant digits of a float that count: beyond them the order of a sum shows."""


def value_of(outcome: Outcome) -> str | None:
    """The value of a bare expression, in a form that equal values share; None where it failed."""
    return canonical_value(outcome.actual) if outcome.passed else None


def canonical_value(text: str) -> str:
    """One text for all `repr`s of equal values; a text that is no literal stands for itself."""
    try:
        return _canonical(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError, OverflowError):
        return text


def _canonical(value: object) -> str:
    match value:
        case bool():
            return str(int(value))
        case float():
            return str(int(value)) if value.is_integer() else f"{value:.{_DIGITS}g}"
        case list():
            return f"[{', '.join(map(_canonical, value))}]"
        case tuple():
            return f"({', '.join(map(_canonical, value))}{',' * (len(value) == 1)})"
        case set():
            return f"{{{', '.join(sorted(map(_canonical, value)))}}}" if value else "set()"
        case dict():
            pairs = (f"{_canonical(key)}: {_canonical(item)}" for key, item in value.items())
            return f"{{{', '.join(sorted(pairs))}}}"
        case _:
            return repr(value)
