"""Mutation of the examples' arguments by a few type-preserving changes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from agent.visible_tests.inputs.argument_paths import Arguments, Path, seen_in
from agent.visible_tests.inputs.contract import Contract

_STEPS = (1, 1, 1, 2, 3)
"""Number of changes per mutant: drawn at random from these."""

_T = TypeVar("_T")


class Mutator:
    """Draws mutants of the known arguments."""

    def __init__(self, known: Sequence[Arguments], rng: random.Random) -> None:
        self._known, self._random = known, rng
        self._seen = seen_in(known)
        self._contract = Contract(known, self._seen)

    def draw(self) -> Arguments | None:
        """Return an example's arguments with a few changes; None if these break the contract."""
        arguments = dict(self._random.choice(self._known))
        for _ in range(self._random.choice(_STEPS)):
            key = self._random.choice(list(arguments))
            others = [other[key] for other in self._known if key in other]
            if self._random.random() < 0.2:
                arguments[key] = self._random.choice(others)
            else:
                arguments[key] = self._mutated(arguments[key], (key,))
        arguments = self._contract.fitted(arguments)
        return arguments if self._contract.allows(arguments) else None

    def _mutated(self, value: object, path: Path) -> object:
        match value:
            case bool():
                return not value
            case int():
                return self._integer(value, path)
            case float():
                return self._float(value, path)
            case str():
                return self._string(value)
            case tuple():
                return self._tuple(value, path)
            case list():
                return self._items(value, path, list)
            case set():
                return set(self._items(sorted(value, key=repr), path, set))
            case dict():
                return self._dict(value, path)
            case _:
                return value

    def _integer(self, value: int, path: Path) -> int:
        """Return a neighbour, another number of the examples, or any number within their range.

        The range extends a little beyond the examples, but no further: a slow program that can
        process the examples must be able to process the mutants.
        """
        shown = self._at(path, int) or [value]
        margin = 2 + (max(shown) - min(shown)) // 10
        low, high = min(0, min(shown) - margin), max(shown) + margin
        others = [v for v in self._all(int) if low <= v <= high] or [value]
        drawn = (value - 1, value + 1, self._random.choice(others), self._random.randint(low, high))
        return min(max(self._random.choice(drawn), low), high)

    def _float(self, value: float, path: Path) -> float:
        shown = self._at(path, float) or [value]
        margin = 1 + (max(shown) - min(shown)) / 10
        step = self._random.choice((-1.0, -0.5, 0.5, 1.0))
        drawn = self._random.choice((round(value + step, 6), self._random.choice(self._all(float))))
        return min(max(drawn, min(shown) - margin), max(shown) + margin)

    def _string(self, value: str) -> str:
        """Remove a part, repeat it elsewhere, or insert or substitute a part of another string."""
        start, end = self._slice(value)
        part, place = value[start:end], self._random.randint(0, len(value))
        other = self._random.choice(self._all(str))
        first, last = self._slice(other)
        return self._random.choice(
            (
                value[:start] + value[end:],
                value[:place] + part + value[place:],
                value[:start] + other[first:last] + value[end:],
                value[:place] + other[first:last] + value[place:],
                other,
            )
        )

    def _slice(self, text: str) -> tuple[int, int]:
        """Return the span of a part of a text, limited to one character half of the time."""
        start = self._random.randrange(len(text)) if text else 0
        longest = self._random.choice((1, len(text)))
        return start, min(len(text), start + self._random.randint(1, max(longest, 1)))

    def _tuple(self, value: tuple[object, ...], path: Path) -> tuple[object, ...]:
        """Change one part of a record (all tuples at the path have one length), else as a list."""
        sizes = {len(shown) for shown in self._at(path, tuple)}
        if len(sizes) != 1 or not value:
            return tuple(self._items(list(value), path, tuple))
        index = self._random.randrange(len(value))
        changed = self._mutated(value[index], (*path, index))
        return (*value[:index], changed, *value[index + 1 :])

    def _items(self, value: list[object], path: Path, kind: type) -> list[object]:
        """Remove, repeat or change an item, or insert a changed copy of another item."""
        items, inner = list(value), (*path, kind)
        ingredients = items or [v for _, v in self._seen.get(inner, ())]
        if not ingredients:
            return items
        index = self._random.randrange(len(items)) if items else 0
        chosen = self._random.choice(ingredients)
        match self._random.choice(("remove", "repeat", "insert", "change", "change")):
            case "remove":
                del items[index : index + 1]
            case "repeat":
                items.insert(self._random.randint(0, len(items)), chosen)
            case "insert":
                place = self._random.randint(0, len(items))
                items.insert(place, self._mutated(chosen, inner))
            case _:
                old = items[index] if items else chosen
                items[index : index + 1] = [self._mutated(old, inner)]
        return _sorted(items) if self._contract.keeps_order(path) else items

    def _dict(self, value: dict[object, object], path: Path) -> dict[object, object]:
        """Remove a pair, add one, change its key, or change its value."""
        pairs = list(value.items())
        if not pairs:
            return dict(self._random.choice(self._at(path, dict)))
        index = self._random.randrange(len(pairs))
        key, item = pairs[index]
        new = self._mutated(key, (*path, "key")), self._mutated(item, (*path, "value"))
        replaced = self._random.choice(([], [(key, new[1])], [(new[0], item)], [(key, item), new]))
        return dict([*pairs[:index], *replaced, *pairs[index + 1 :]])

    def _at(self, path: Path, kind: type[_T]) -> list[_T]:
        """Return all values of a type that the examples contain at a path."""
        return [value for _, value in self._seen.get(path, ()) if type(value) is kind]

    def _all(self, kind: type[_T]) -> list[_T]:
        """Return all values of a type that the examples contain at any path."""
        shown = (value for values in self._seen.values() for _, value in values)
        return [value for value in shown if type(value) is kind]


def _sorted(items: list[Any]) -> list[Any]:
    try:
        return sorted(items)
    except TypeError:
        return items
