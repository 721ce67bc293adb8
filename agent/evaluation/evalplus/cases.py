"""Comparison of a program's values with the reference's. This file's text runs in the sandbox.

There it is the body of a function, so that its names do not meet a program's. It runs under every
Python that the sandbox supports, and imports only the standard library. Values travel as JSON, with
a marked object for each value that JSON lacks: `{"tuple": [...]}`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import time
import zlib
from collections.abc import Callable
from typing import Any


def plain_json(value: Any) -> Any:
    """Return a value as JSON can hold it; an object of a subclass, such as a Counter, as its base.

    Raises TypeError for a value that is not data.
    """
    if isinstance(value, int) and value.bit_length() > 10_000:  # too many digits to write them
        return {"int": hex(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [plain_json(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[plain_json(key), plain_json(item)] for key, item in value.items()]}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    for kind in (tuple, set, frozenset):
        if isinstance(value, kind):
            items = value if kind is tuple else sorted(value, key=repr)
            return {kind.__name__: [plain_json(item) for item in items]}
    raise TypeError(f"a value of type {type(value).__name__} cannot be compared")


def from_json(value: Any) -> Any:
    """Return the value that `plain_json` was given."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, items),) = value.items()
    if kind == "complex":
        return complex(*items)
    if kind == "int":
        return int(items, 16)
    if kind == "large":
        return value
    if kind == "dict":
        return {from_json(key): from_json(item) for key, item in items}
    made: Any = {"tuple": tuple, "set": set, "frozenset": frozenset}[kind]
    return made(from_json(item) for item in items)


def reference_values(
    function: Callable[..., Any], inputs: str, oracle: str, tolerance: float
) -> str:
    """Return a reference's values and the CPU seconds with which they are made and compared.

    The result is packed JSON.
    """
    is_exact, told = oracle == "agrees" and not tolerance, []
    start = time.process_time()
    for arguments in json.loads(inputs):
        value = function(*from_json(arguments))
        if oracle == "not_none":
            value = value is not None
        is_hashed = is_exact and room_left(value, 500) < 0 and not has_floats(value)
        told.append(large(value) if is_hashed else plain_json(value))
    return pack(json.dumps({"seconds": time.process_time() - start, "values": told}))


def room_left(value: Any, room: int) -> int:
    """Return what a value of few items and letters leaves of some room; negative for others."""
    if isinstance(value, str):
        return room - len(value)
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            if room < 0:
                break
            room = room_left(item, room)
    return room - 1


def large(value: Any) -> Any:
    """Return the mark of a large value: a hash, the same for values that are equal."""
    return {"large": digest(value).hex()}


def digest(value: Any) -> bytes:
    """Return a hash of data, the same for values that are equal."""
    found = hashlib.sha256()
    feed(value, found.update)
    return found.digest()


def feed(value: Any, add: Callable[[bytes], None]) -> None:
    """Give a value to a hash, piece by piece. Raises TypeError for a value that is not data."""
    if isinstance(value, complex) and not value.imag:
        value = value.real
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        add(b"%x;" % value)
    elif value is None or isinstance(value, (float, complex)):
        add(b"%a;" % (value,))
    elif isinstance(value, str):
        add(b"'%x;" % len(value))
        add(value.encode("utf-8", "surrogatepass"))
    elif isinstance(value, (list, tuple)):
        add(b"[" if isinstance(value, list) else b"(")
        for item in value:
            feed(item, add)
        add(b"]")
    elif isinstance(value, (set, frozenset, dict)):
        items = value.items() if isinstance(value, dict) else value
        add(b"{" if isinstance(value, dict) else b"<")
        add(b"".join(sorted(map(digest, items))))
        add(b"}")
    else:
        raise TypeError(f"a value of type {type(value).__name__} cannot be compared")


def has_floats(value: Any) -> bool:
    """Whether a value is a float or a sequence of nothing else, which may differ a little."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return len(items) > 0 and all(isinstance(item, float) for item in items)


def pack(text: str) -> str:
    """Return a text in few letters, for ways that carry only so many."""
    return base64.b64encode(zlib.compress(text.encode())).decode()


def unpack(text: str) -> str:
    """Return the text that `pack` was given."""
    return zlib.decompress(base64.b64decode(text)).decode()


def check_cases(
    function: Callable[..., Any], inputs: str, expected: str, oracle: str, tolerance: float
) -> None:
    """Raise AssertionError if an oracle does not accept a value. `inputs`, `expected` are JSON."""
    accepts = oracles()[oracle]
    calls, values = json.loads(inputs), from_json(json.loads(expected))
    for arguments, value in zip(calls, values):
        got = function(*from_json(arguments))
        if not accepts(got, value, arguments, tolerance):
            raise AssertionError("another value than the reference's")


def oracles() -> dict[str, Callable[[Any, Any, Any, float], bool]]:
    """Return the functions that accept a value, from it, the expected one and the arguments."""
    known = [agrees, same_set, same_items, not_none, anything, or_zero, pyramid, digit_distance]
    return {oracle.__name__: oracle for oracle in [*known, is_root]}


def agrees(got: Any, expected: Any, arguments: Any, tolerance: float) -> bool:
    """Accept an equal value or, for numbers, a close one. Floats are close within 1e-6 at least."""
    if got == expected:
        return True
    if isinstance(expected, dict) and "large" in expected:
        return bool(large(got) == expected)
    if not tolerance and has_floats(expected):
        tolerance = 1e-6
    return bool(tolerance) and type(got) is type(expected) and is_close(got, expected, tolerance)


def is_close(got: Any, expected: Any, tolerance: float) -> bool:
    """Whether all numbers are close, with the relative tolerance of numpy's `assert_allclose`."""
    if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)):
        pairs = zip(got, expected)
        return len(got) == len(expected) and all(is_close(a, b, tolerance) for a, b in pairs)
    if not all(isinstance(item, (int, float, complex)) for item in (got, expected)):
        return False
    if got == expected or abs(expected) == math.inf:
        return bool(got == expected)
    try:
        return bool(abs(got - expected) <= tolerance + 1e-7 * abs(expected))
    except OverflowError:  # integers beyond all floats
        return False


def same_set(got: Any, expected: Any, arguments: Any, tolerance: float) -> bool:
    """Accept the same items in any order."""
    return bool(set(got) == set(expected))


def same_items(got: Any, expected: Any, arguments: Any, tolerance: float) -> bool:
    """Accept a sequence of the same type with the same items, as often, in any order."""
    if type(got) is not type(expected) or not isinstance(expected, (list, tuple)):
        return agrees(got, expected, arguments, tolerance)
    left = list(got)
    for item in expected:
        found = [i for i, other in enumerate(left) if agrees(other, item, arguments, tolerance)]
        if not found:
            return False
        del left[found[0]]
    return not left


def not_none(got: Any, expected: Any, arguments: Any, tolerance: float) -> bool:
    """Accept any object for a match, and None for none; the expected value is a bool."""
    return bool(expected == (got if isinstance(got, bool) else got is not None))


def anything(got: Any, expected: Any, arguments: Any, tolerance: float) -> bool:
    """Accept every value."""
    return True


def or_zero(got: Any, expected: Any, arguments: Any, tolerance: float) -> bool:
    """Accept 0 in place of the expected value."""
    return bool(got == 0) or agrees(got, expected, arguments, tolerance)


def pyramid(got: Any, expected: Any, arguments: Any, tolerance: float) -> bool:
    """Accept the surface of a square pyramid whose second argument is its height, rounded."""
    side, height = arguments
    surface = round(side**2 + 2 * side * math.hypot(side / 2, height))
    return agrees(got, expected, arguments, tolerance) or bool(abs(got - surface) <= tolerance)


def digit_distance(got: Any, expected: Any, arguments: Any, tolerance: float) -> bool:
    """Accept the sum of the digits' differences, the shorter number padded with zeros."""
    width = max(len(str(number)) for number in arguments)
    first, second = (str(number).zfill(width) for number in arguments)
    distance = sum(abs(int(a) - int(b)) for a, b in zip(first, second))
    return bool(got == distance) or agrees(got, expected, arguments, tolerance)


def is_root(got: Any, expected: Any, arguments: Any, tolerance: float) -> bool:
    """Accept a root of the polynomial whose coefficients are the argument, lowest first."""
    (coefficients,) = arguments
    value = sum(factor * math.pow(got, power) for power, factor in enumerate(coefficients))
    return bool(abs(value) <= tolerance)
