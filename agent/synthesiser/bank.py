"""Bottom-up enumeration in order of cost, with one program per observable behaviour.

All limits are counts, not times, so that a search gives the same result on every machine.
"""

from __future__ import annotations

import marshal
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from agent.synthesiser.compiling import (
    EVALUATION_ERRORS,
    fill,
    is_closed,
    over_columns,
    over_values,
)
from agent.synthesiser.library import Op, cheapest, distances

TRIES_PER_BUDGET = 6
MAX_ITEMS = 300
MAX_INT = 10**15


TYPES: dict[str, type | tuple[type, ...]] = {
    "i": int,
    "f": (int, float),
    "b": bool,
    "s": str,
    "[": list,
    "(": tuple,
    "{": dict,
    "a": object,
    "n": object,
}
"""Python types that a value may have, by the first letter of its kind."""
_SIZED = (str, list, tuple, dict)


class Failed:
    """The type of FAILED, the value of an evaluation that raised or became too large."""


FAILED = Failed()


@dataclass(slots=True)
class Entry:
    """A program with its values on all inputs."""

    kind: str
    cost: int
    values: list[Any]
    written: str = ""
    """The text of a leaf; other entries build their text on the first call of `text`."""
    op: Op | None = None
    args: tuple[Entry, ...] = ()
    clean: bool = True
    """True if no value is FAILED."""
    variable: bool = True
    """True if the text mentions a parameter."""
    peak: int = 0
    """The largest absolute value of an integer in the values."""
    size: int = 0
    """Length of the longest value."""
    limit: int = MAX_INT
    """For a function: the largest integer that it may be applied to."""

    def text(self, taken: Sequence[str]) -> str:
        """Return the program as an expression; its bound variables avoid the names in `taken`."""
        if not self.written and self.op is not None:
            args = [arg._as_argument(taken) for arg in self.args]
            self.written = fill(self.op.text, args, taken)
        return self.written

    def _as_argument(self, taken: Sequence[str]) -> str:
        text = self.text(taken)
        bare = self.op is None or ">" in self.kind or is_closed(self.op.text)
        return text if bare else f"({text})"


@dataclass
class Bank:
    """All programs found so far, by type and cost."""

    ops: Sequence[Op]
    sources: Sequence[Entry]
    goals: Mapping[str, int]
    """Wanted types, each with the extra cost of programs of that type."""
    budget: int = 10_000
    """Maximum number of evaluated applications (of an idiom, on all inputs)."""
    by_kind: dict[str, dict[int, list[Entry]]] = field(default_factory=dict)
    spent: int = 0
    tried: int = 0
    """Number of applications considered, most of which are rejected without an evaluation."""
    wanted: bytes | None = None
    """A behaviour whose programs are all yielded, even if one with it was found before."""
    _seen: set[tuple[str, bytes]] = field(default_factory=set)

    def programs(self, max_level: int = 40) -> Iterator[Entry]:
        """Yield each new program, cheapest total first, until the budget is spent."""
        for source in self.sources:
            if self._add(source):
                yield source
        least = {kind: min(costs) for kind, costs in self.by_kind.items()}
        least = cheapest(self.ops, least)
        far = distances(self.ops, self.goals, least)
        plan = [
            (op, sum(least[kind] for kind in op.takes))
            for op in self.ops
            if op.gives in far and all(kind in least for kind in op.takes)
        ]
        plan.sort(key=lambda item: -far[item[0].gives])
        for level in range(max_level):
            for op, floor in plan:
                budget = level - far[op.gives] - op.cost
                if budget < floor:
                    continue
                for args in self._arguments(op.takes, budget):
                    self.tried += 1
                    if self.spent >= self.budget or self.tried > TRIES_PER_BUDGET * self.budget:
                        return
                    entry = self._apply(op, args)
                    if entry is not None and (self._add(entry) or self._is_wanted(entry)):
                        yield entry

    def of(self, kind: str) -> Iterator[Entry]:
        """Yield the programs of one type, cheapest first."""
        for _, entries in sorted(self.by_kind.get(kind, {}).items()):
            yield from entries

    def _arguments(self, takes: Sequence[str], budget: int) -> Iterator[tuple[Entry, ...]]:
        """Yield each choice of arguments whose costs add up to the budget."""
        costs = self.by_kind.get(takes[0])
        if costs is None:
            return
        if len(takes) == 1:
            for entry in tuple(costs.get(budget, ())):
                yield (entry,)
            return
        for cost in sorted(costs):
            if cost < budget:
                for rest in self._arguments(takes[1:], budget - cost):
                    for entry in tuple(costs[cost]):
                        yield (entry, *rest)

    def _apply(self, op: Op, args: tuple[Entry, ...]) -> Entry | None:
        limit, cost, clean, variable = op.limit, op.cost, True, False
        for arg in args:
            limit = min(limit, arg.limit)
            cost += arg.cost
            clean = clean and arg.clean
            variable = variable or arg.variable
        if not variable:
            return None
        for arg in args:
            if arg.peak > limit or arg.size > op.size:
                return None
        self.spent += 1
        values = evaluate(op, [arg.values for arg in args], clean)
        if values is None:
            return None
        return Entry(op.gives, cost, values, op=op, args=args, limit=limit)

    def _add(self, entry: Entry) -> bool:
        """Add a program unless one of the same type behaves the same; return True if added."""
        if ">" not in entry.kind:
            shown = behaviour(entry.values)
            if shown is None or (entry.kind, shown) in self._seen:
                return False
            self._seen.add((entry.kind, shown))
            measure(entry)
        self.by_kind.setdefault(entry.kind, {}).setdefault(entry.cost, []).append(entry)
        if entry.kind == "int" and "float" in self.goals:
            self.by_kind.setdefault("float", {}).setdefault(entry.cost, []).append(entry)
        return True

    def _is_wanted(self, entry: Entry) -> bool:
        return ">" not in entry.kind and behaviour(entry.values) == self.wanted is not None


def behaviour(values: Sequence[Any]) -> bytes | None:
    """Return equal bytes for equal values; None if a value is of an unsupported type."""
    try:
        if FAILED in values:
            return marshal.dumps(tuple(None if v is FAILED else (v,) for v in values), 2)
        return marshal.dumps(list(values), 2)
    except ValueError:
        return None


def evaluate(op: Op, columns: list[list[Any]], clean: bool) -> list[Any] | None:
    """Return the values of an idiom on all inputs; None if it fails on all of them."""
    over = over_columns(op.text, len(columns)) if clean else None
    try:
        values = over(*columns) if over else _one_by_one(op, columns)
    except EVALUATION_ERRORS:
        values = _one_by_one(op, columns)
    if _all_valid(values, op.gives):
        return values
    types = TYPES[op.gives[0]]
    values = [
        value if in_bounds(value) and (value is None or isinstance(value, types)) else FAILED
        for value in values
    ]
    if op.gives == "[int]":
        values = [value if _all_integers(value) else FAILED for value in values]
    return None if all(value is FAILED for value in values) else values


def _all_valid(values: list[Any], kind: str) -> bool:
    """Whether all values are valid results of a type. False may be wrong: this is a short cut."""
    found, letter = set(map(type, values)), kind[0]
    if found == {int}:
        return letter in "ifan" and min(values) > -MAX_INT and max(values) < MAX_INT
    if found == {bool}:
        return letter in "ifban"
    if found == {str}:
        return letter in "san" and max(map(len, values)) <= MAX_ITEMS
    if found != {list} or letter not in "[an" or max(map(len, values)) > MAX_ITEMS:
        return False
    return kind != "[int]" or set(map(type, chain.from_iterable(values))) <= {int, bool}


def _one_by_one(op: Op, columns: list[list[Any]]) -> list[Any]:
    function = over_values(op.text, len(columns))
    values: list[Any] = []
    for args in zip(*columns, strict=True):
        try:
            values.append(FAILED if FAILED in args else function(*args))
        except EVALUATION_ERRORS:
            values.append(FAILED)
    return values


def _all_integers(value: object) -> bool:  # idioms may loop forever on fractions
    return isinstance(value, list) and all(isinstance(item, int) for item in value)


def in_bounds(value: object) -> bool:
    """Whether a value is of a supported type and within the limits on size."""
    if isinstance(value, int):
        return -MAX_INT < value < MAX_INT
    if isinstance(value, _SIZED):
        return len(value) <= MAX_ITEMS
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None


def measure(entry: Entry) -> None:
    """Set `clean`, `peak` and `size`, which are checked against the limits of idioms."""
    sized = [value for value in entry.values if isinstance(value, _SIZED)]
    items = chain(entry.values, *(value for value in sized if not isinstance(value, str)))
    entry.clean = FAILED not in entry.values
    entry.peak = max([abs(item) for item in items if type(item) is int], default=entry.peak)
    entry.size = max(map(len, sized), default=entry.size)
