"""Edge cases of a value's type, made from a value that an example shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

MAX_EDGES = 32
"""Maximum number of edge cases of one value. Nested containers would have many more."""


def edge_values(value: object) -> list[Any]:
    """Return values of the same type: empty, of one item, zero, negative, large, and so on.

    Containers repeat or reverse their items, texts change their case. A tuple is a record and keeps
    its length. The most common edge cases come first. A value of another type has none.
    """
    return list(islice(_edges(value), MAX_EDGES))


def _edges(value: object) -> Iterator[object]:
    match value:
        case bool():
            yield not value
        case int():  # among them the numbers where the number of digits changes
            yield from (0, 1, -1, 2, -value, value + 1, 10, 9, 100, 99, 10 * value, 1000)
        case float():
            yield from (0.0, 1.0, -1.0, -value, value + 0.5, 10 * value, 0.1, 100.0)
        case str():
            yield from _texts(value)
        case tuple():
            yield from _with_edges(value)
        case list():
            yield from ([], value[:1], [item for item in value for _ in range(2)])
            yield from (value[::-1], value[:1] * 3, value + value)
            yield from map(list, _with_edges(value))
        case set():
            items = sorted(value, key=repr)
            yield from (set(), set(items[:1]))
            yield from map(set, _with_edges(items))
        case dict():
            yield from ({}, dict(islice(value.items(), 1)))
            yield from (
                dict(zip(value, new, strict=True)) for new in _with_edges([*value.values()])
            )
            yield from (
                dict(zip(new, value.values(), strict=True)) for new in _with_edges([*value])
            )


def _texts(text: str) -> Iterator[str]:
    yield from ("", text[:1], text.swapcase(), text + text, text[::-1])
    yield from (text.upper(), text.lower(), text[:1] * 3, f"{text} {text}", f" {text}")
    yield "".join(character + character for character in text)


def _with_edges(items: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the items with the first edge case of each, then of one alone, then the second, ..."""
    for number, changed in enumerate(zip(*map(edge_values, items), strict=False)):
        place = number % len(items)
        yield changed
        yield (*items[:place], changed[place], *items[place + 1 :])
