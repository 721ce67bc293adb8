"""The parts of arguments, by their path."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

Path = tuple[Hashable, ...]
"""The path of a part of the arguments: the key of the argument, then the steps to the part."""
Arguments = dict[int | str, object]
"""The arguments of a call, keyed by position or by keyword."""
Seen = dict[Path, list[tuple[int, object]]]
"""For each path the values seen there, each with the number of the example that contains it."""


def seen_in(known: Sequence[Arguments]) -> Seen:
    """Return the values that the arguments of all examples contain at each path."""
    seen: Seen = {}
    for number, arguments in enumerate(known):
        for path, value in places(arguments):
            seen.setdefault(path, []).append((number, value))
    return seen


def places(arguments: Arguments) -> Iterator[tuple[Path, object]]:
    """Yield every part of the arguments with its path. Items of a container share one path."""
    pending: list[tuple[Path, object]] = [((key,), value) for key, value in arguments.items()]
    while pending:
        path, value = pending.pop()
        yield path, value
        pending += [((*path, step), part) for step, part in _parts(value)]


def _parts(value: object) -> Iterator[tuple[Hashable, object]]:
    """Yield the parts of a container, each with its step in the path.

    The step to an item is the type of its container: lists, tuples and sets have separate paths,
    since an item that is valid in one may not be valid in another.
    """
    match value:
        case list():
            yield from ((list, item) for item in value)
        case tuple():
            yield from ((tuple, item) for item in value)
            yield from enumerate(value)
        case set():
            yield from ((set, item) for item in sorted(value, key=repr))
        case dict():
            yield from (("key", key) for key in value)
            yield from (("value", item) for item in value.values())
