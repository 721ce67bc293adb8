"""What mutants must keep: the properties that all the examples share.

EvalPlus has a contract written by hand for every problem; this one is inferred, so that it may
hold by chance and forbid too much, or miss what no example shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

from agent.visible_tests.inputs.argument_paths import Arguments, Path, Seen, places
from agent.visible_tests.inputs.properties import PROPERTIES, SIZED, Property, ordered

_WITNESSES = 2
"""Examples that must show a property before mutants are held to it."""


class _Facts(NamedTuple):
    """What mutants are held to at one place of the arguments."""

    properties: list[Property]
    longest: int
    """Items of a container, or characters of a text."""
    letters: frozenset[str]
    """What texts are made of; empty where too few examples show it."""

    def allow(self, value: object) -> bool:
        return (
            not any(holds(value) is False for holds in self.properties)
            and not (isinstance(value, SIZED) and len(value) > self.longest)
            and not (isinstance(value, str) and self.letters and not self.letters.issuperset(value))
        )


class Contract:
    """What the arguments of all examples have in common."""

    def __init__(self, known: Sequence[Arguments], seen: Seen) -> None:
        self._facts = {path: _learnt(values) for path, values in seen.items()}
        measured = [key for key, value in known[0].items() if _measure(value) is not None]
        self._equal = [
            (one, other)
            for one, other in permutations(measured, 2)
            if _same_measure([(a[one], a[other]) for a in known if one in a and other in a])
        ]

    def allows(self, arguments: Arguments) -> bool:
        """Whether the properties that all the examples share hold, and no size is another order."""
        return all(
            path not in self._facts or self._facts[path].allow(value)
            for path, value in places(arguments)
        )

    def keeps_order(self, path: Path) -> bool:
        """Whether the lists at a place are sorted."""
        return path in self._facts and ordered in self._facts[path].properties

    def fitted(self, arguments: Arguments) -> Arguments:
        """The arguments, with those that have one length everywhere brought to one length."""
        fitted = dict(arguments)
        for one, other in self._equal:
            if one in fitted and other in fitted:
                fitted[one] = _fitted(fitted[one], fitted[other])
        return fitted


def _learnt(values: list[tuple[int, object]]) -> _Facts:
    texts = [(number, value) for number, value in values if isinstance(value, str)]
    enough = len({number for number, _ in texts}) >= _WITNESSES
    return _Facts(
        properties=[holds for holds in PROPERTIES if _holds_in_all(holds, values)],
        longest=2 + 2 * max((len(v) for _, v in values if isinstance(v, SIZED)), default=0),
        letters=frozenset("".join(text for _, text in texts) if enough else ""),
    )


def _holds_in_all(holds: Property, values: list[tuple[int, object]]) -> bool:
    answers = [(number, holds(value)) for number, value in values]
    witnesses = {number for number, answer in answers if answer}
    return len(witnesses) >= _WITNESSES and all(answer is not False for _, answer in answers)


def _same_measure(pairs: list[tuple[object, object]]) -> bool:
    """Whether two arguments have one length everywhere, or one is the length of the other."""
    sized = all(not isinstance(right, int) for _, right in pairs)
    same = all(_measure(left) == _measure(right) is not None for left, right in pairs)
    return sized and same and len(pairs) >= _WITNESSES


def _measure(value: object) -> int | None:
    """What two arguments may have in common: a length, or a number that is the other's length."""
    if isinstance(value, (str, list, tuple)):
        return len(value)
    return value if type(value) is int else None


def _fitted(value: object, other: object) -> object:
    """A value brought to the measure of another: a number set to it, a longer sequence cut."""
    size = _measure(other)
    if size is None or isinstance(other, int):
        return value
    return value[:size] if isinstance(value, (str, list, tuple)) else size
