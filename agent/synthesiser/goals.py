"""Programs by the set of tests that they meet, and partial programs joined by conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.synthesiser.bank import FAILED, Entry

CONDITION_COST = 3
MAX_JOINED_RESULTS = 16
MAX_JOINED_CONDITIONS = 50


Guards = tuple[tuple[Entry, Entry], ...]
"""Pairs of a condition and the result to return if it holds."""


def choose(guards: Guards, last: Entry) -> list[Any]:
    """Return the values of a program with guards on all inputs."""
    values = list(last.values)
    for test, entry in reversed(guards):
        values = [
            new if true else old
            for true, new, old in zip(test.values, entry.values, values, strict=True)
        ]
    return values


def agrees(value: object, wanted: object) -> bool:
    """Whether a test accepts the value: it is equal, and both or neither are bool."""
    if value is FAILED:
        return False
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)


def mask(values: Sequence[object], wanted: Sequence[object]) -> int:
    """Return the set of tests met, as bits. Values after those of the tests belong to probes."""
    return sum(1 << i for i, pair in enumerate(zip(values, wanted, strict=False)) if agrees(*pair))


@dataclass
class Cheapest:
    """The cheapest program per set of tests met, and a cheap condition per split of the tests."""

    wanted: list[Any]
    results: dict[int, Entry] = field(default_factory=dict)
    conditions: dict[int, Entry] = field(default_factory=dict)

    @property
    def everything(self) -> int:
        """The set of all tests."""
        return (1 << len(self.wanted)) - 1

    def result(self, entry: Entry) -> int:
        """Record a program of the goal's type; return the tests that it meets."""
        met = mask(entry.values, self.wanted)
        if (met or not self.wanted) and (
            met not in self.results or entry.cost < self.results[met].cost
        ):
            self.results[met] = entry
        return met

    def condition(self, entry: Entry) -> None:
        """Record a condition, unless it fails on an input or is a leaf."""
        if entry.clean and entry.op is not None:
            shown = entry.values[: len(self.wanted)]
            true = sum(1 << i for i, value in enumerate(shown) if value)
            self.conditions.setdefault(true, entry)

    def joined(self, depth: int = 2) -> tuple[Guards, Entry] | None:
        """Return the cheapest program with up to `depth` guards that meets all tests, or None."""
        self._keep_likeliest()
        found = min(self._cover(self.everything, depth), key=lambda item: item[0], default=None)
        return None if found is None else found[1:]

    def _keep_likeliest(self) -> None:
        """Limit the work of joining, which grows with the product of results and conditions."""
        results = sorted(
            self.results.items(), key=lambda item: (-item[0].bit_count(), item[1].cost)
        )
        self.results = dict(results[:MAX_JOINED_RESULTS])
        conditions = sorted(self.conditions.items(), key=lambda item: item[1].cost)
        self.conditions = dict(conditions[:MAX_JOINED_CONDITIONS])

    def _cover(self, wanted: int, depth: int) -> Iterator[tuple[int, Guards, Entry]]:
        """Yield ways to meet the tests in `wanted`: cost, guards and the last result."""
        whole = [e for met, e in self.results.items() if met & wanted == wanted]
        if whole:
            best = min(whole, key=lambda entry: entry.cost)
            yield best.cost, (), best
        if depth == 0:
            return
        for rest, guard in self._splits(wanted):
            for cost, guards, last in self._cover(rest, depth - 1):
                total = cost + guard[0].cost + guard[1].cost + CONDITION_COST
                yield total, (guard, *guards), last

    def _splits(self, wanted: int) -> Iterator[tuple[int, tuple[Entry, Entry]]]:
        """Yield the remaining tests and the cheapest guard for each part of `wanted` it covers."""
        best: dict[int, tuple[Entry, Entry]] = {}
        for true, test in self.conditions.items():
            part = true & wanted
            if part in (0, wanted):
                continue
            for met, value in self.results.items():
                if part & ~met:
                    continue
                known = best.get(part)
                if known is None or test.cost + value.cost < known[0].cost + known[1].cost:
                    best[part] = (test, value)
        for part, guard in best.items():
            yield wanted & ~part, guard
