"""The parts of arguments, by the place that they stand at."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

Path = tuple[Hashable, ...]
"""A place in the arguments: the argument, then what leads to a part of it."""
Arguments = dict[int | str, object]
"""The arguments of a call: by place, then by name."""
Seen = dict[Path, list[tuple[int, object]]]
"""What stands at each place, with the number of the example that shows it."""


def seen_in(known: Sequence[Arguments]) -> Seen:
    """What the arguments of all examples show, place by place."""
    seen: Seen = {}
    for number, arguments in enumerate(known):
        for path, value in places(arguments):
            seen.setdefault(path, []).append((number, value))
    return seen


def places(arguments: Arguments) -> Iterator[tuple[Path, object]]:
    """Every part of the arguments with its place. The items of a container share one place."""
    waiting: list[tuple[Path, object]] = [((key,), value) for key, value in arguments.items()]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        waiting += [((*path, step), part) for step, part in _parts(value)]


def _parts(value: object) -> Iterator[tuple[Hashable, object]]:
    """What a container holds, each with the step that leads there: its type, for plain items.

    Lists, tuples and sets do not share a place, since what one may hold another may not.
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
