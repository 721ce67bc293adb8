"""The inferred contract of a function: properties that all examples share and mutants must keep.

EvalPlus has a contract written by hand for each problem. This one is inferred: a property that the
examples share by chance forbids valid inputs, and one that no example shows is not checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

from agent.visible_tests.inputs.argument_paths import Arguments, Path, Seen, places
from agent.visible_tests.inputs.properties import PROPERTIES, SIZED, Property, ordered

_MIN_EXAMPLES = 2
"""Number of examples that must show a property before mutants have to keep it."""


class _Constraints(NamedTuple):
    """The constraints on mutants at one path of the arguments."""

    properties: list[Property]
    longest: int
    """Maximum number of items of a container, or of characters of a text."""
    characters: frozenset[str]
    """Characters that texts may contain; empty (no constraint) if too few examples have texts."""

    def allow(self, value: object) -> bool:
        return (
            not any(holds(value) is False for holds in self.properties)
            and not (isinstance(value, SIZED) and len(value) > self.longest)
            and not (
                isinstance(value, str) and self.characters and not self.characters.issuperset(value)
            )
        )


class Contract:
    """The properties that the arguments of all examples have in common."""

    def __init__(self, known: Sequence[Arguments], seen: Seen) -> None:
        self._constraints = {path: _inferred(values) for path, values in seen.items()}
        measured = [key for key, value in known[0].items() if _measure(value) is not None]
        self._equal = [
            (one, other)
            for one, other in permutations(measured, 2)
            if _same_measure([(a[one], a[other]) for a in known if one in a and other in a])
        ]

    def allows(self, arguments: Arguments) -> bool:
        """Whether the arguments keep all shared properties, maximum sizes and character sets."""
        return all(
            path not in self._constraints or self._constraints[path].allow(value)
            for path, value in places(arguments)
        )

    def keeps_order(self, path: Path) -> bool:
        """Whether the lists at a path are sorted in all examples."""
        return path in self._constraints and ordered in self._constraints[path].properties

    def fitted(self, arguments: Arguments) -> Arguments:
        """Return the arguments, with equal sizes restored where all examples have equal sizes."""
        fitted = dict(arguments)
        for one, other in self._equal:
            if one in fitted and other in fitted:
                fitted[one] = _fitted(fitted[one], fitted[other])
        return fitted


def _inferred(values: list[tuple[int, object]]) -> _Constraints:
    texts = [(number, value) for number, value in values if isinstance(value, str)]
    enough = len({number for number, _ in texts}) >= _MIN_EXAMPLES
    return _Constraints(
        properties=[holds for holds in PROPERTIES if _holds_in_all(holds, values)],
        longest=2 + 2 * max((len(v) for _, v in values if isinstance(v, SIZED)), default=0),
        characters=frozenset("".join(text for _, text in texts) if enough else ""),
    )


def _holds_in_all(holds: Property, values: list[tuple[int, object]]) -> bool:
    answers = [(number, holds(value)) for number, value in values]
    witnesses = {number for number, answer in answers if answer}
    return len(witnesses) >= _MIN_EXAMPLES and all(answer is not False for _, answer in answers)


def _same_measure(pairs: list[tuple[object, object]]) -> bool:
    """Whether two arguments have equal lengths in all examples, or one is the other's length."""
    sized = all(not isinstance(right, int) for _, right in pairs)
    same = all(_measure(left) == _measure(right) is not None for left, right in pairs)
    return sized and same and len(pairs) >= _MIN_EXAMPLES


def _measure(value: object) -> int | None:
    """Return the length of a sequence, or an integer itself, which may be another's length."""
    if isinstance(value, (str, list, tuple)):
        return len(value)
    return value if type(value) is int else None


def _fitted(value: object, other: object) -> object:
    """Fit a value to the length of another: set a number to it, or cut a longer sequence."""
    size = _measure(other)
    if size is None or isinstance(other, int):
        return value
    return value[:size] if isinstance(value, (str, list, tuple)) else size
