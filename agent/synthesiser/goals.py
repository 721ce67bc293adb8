"""Which programs meet which tests, and how to join partial ones by conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.synthesiser.bank import FAILED, Entry

CONDITION_COST = 3
MAX_JOINED_RESULTS = 16
MAX_JOINED_CONDITIONS = 50


Guards = tuple[tuple[Entry, Entry], ...]
"""Conditions with what to return where they hold."""


def choose(guards: Guards, last: Entry) -> list[Any]:
    """What a program with guards gives on every input."""
    values = list(last.values)
    for test, entry in reversed(guards):
        values = [
            new if true else old
            for true, new, old in zip(test.values, entry.values, values, strict=True)
        ]
    return values


def agrees(value: object, wanted: object) -> bool:
    """Whether a test would accept the value: equal, and a truth value only for a truth value."""
    if value is FAILED:
        return False
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)


def mask(values: Sequence[object], wanted: Sequence[object]) -> int:
    """The set of tests met, as bits. Values beyond the tests are of probes."""
    return sum(1 << i for i, pair in enumerate(zip(values, wanted, strict=False)) if agrees(*pair))


@dataclass
class Cheapest:
    """The cheapest program for each set of tests met, and the cheapest condition for each split."""

    wanted: list[Any]
    results: dict[int, Entry] = field(default_factory=dict)
    conditions: dict[int, Entry] = field(default_factory=dict)

    @property
    def everything(self) -> int:
        """The set of all tests."""
        return (1 << len(self.wanted)) - 1

    def result(self, entry: Entry) -> int:
        """Note a program of the goal's type; returns the tests that it meets."""
        met = mask(entry.values, self.wanted)
        if (met or not self.wanted) and (
            met not in self.results or entry.cost < self.results[met].cost
        ):
            self.results[met] = entry
        return met

    def condition(self, entry: Entry) -> None:
        """Note a truth value. One that fails on some input is of no use here."""
        if entry.clean and entry.op is not None:
            shown = entry.values[: len(self.wanted)]
            true = sum(1 << i for i, value in enumerate(shown) if value)
            self.conditions.setdefault(true, entry)

    def joined(self, depth: int = 2) -> tuple[Guards, Entry] | None:
        """The cheapest program with up to `depth` guards that meets every test."""
        self._keep_likeliest()
        found = min(self._cover(self.everything, depth), key=lambda item: item[0], default=None)
        return None if found is None else found[1:]

    def _keep_likeliest(self) -> None:
        """Bound the work of joining, which grows with the square of what is kept."""
        results = sorted(
            self.results.items(), key=lambda item: (-item[0].bit_count(), item[1].cost)
        )
        self.results = dict(results[:MAX_JOINED_RESULTS])
        conditions = sorted(self.conditions.items(), key=lambda item: item[1].cost)
        self.conditions = dict(conditions[:MAX_JOINED_CONDITIONS])

    def _cover(self, wanted: int, depth: int) -> Iterator[tuple[int, Guards, Entry]]:
        """Ways to meet the tests in `wanted`: guards and the last result, with their cost."""
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
        """The cheapest guard for each set of tests that it can take off `wanted`."""
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

    def most(self) -> tuple[int, Entry] | None:
        """The program that meets most tests, the cheapest of these."""
        return max(
            self.results.items(),
            key=lambda item: (item[0].bit_count(), -item[1].cost),
            default=None,
        )
