"""The idioms for a task: with their types fixed, and weighted by the task's words."""

from __future__ import annotations

import functools
import itertools
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agent.synthesiser import kinds, words
from agent.synthesiser.compiling import HELPERS
from agent.synthesiser.components import ROWS

_VARIABLE = re.compile(r"\b[abnk]\b")
_EXPLOSIVE = re.compile(
    r"range\(|\*\* \{1\}|factorial|comb|perm|pow\(|zfill|round\(\{0\}, "
    r"|roman|pascal|nth_|primes|\[\{0\}\] \*"
)
_QUADRATIC = re.compile(
    r"combinations|for \$j|palindrome\(|edit_|product\(\{|longest_inc|count\(\$"
)
SMALL_INT = 500
MEDIUM_INT = 20_000
ANY_INT = 10**15


@dataclass(frozen=True, slots=True)
class Op:
    """An idiom; in a task its types are fixed."""

    text: str
    takes: tuple[str, ...]
    gives: str
    cost: int
    words: tuple[str, ...]
    limit: int
    """The largest integer that a search evaluates it on."""
    size: int
    """Length of the longest argument that a search evaluates it on."""


@functools.cache
def rows() -> tuple[Op, ...]:
    """Return all rows of the tables, with their type variables."""
    found = []
    for text, signature, stems, cost in ROWS:
        left, _, gives = signature.partition(" -> ")
        takes = tuple(re.split(r",\s", left))
        heard = tuple(dict.fromkeys(words.stem(word) for word in stems.split()))
        size = 40 if _QUADRATIC.search(text) else 300
        found.append(Op(text, takes, gives, cost, heard, _limit(text, takes), size))
    return tuple(found)


def _limit(text: str, takes: tuple[str, ...]) -> int:
    if _EXPLOSIVE.search(text) or (text == "{0} * {1}" and takes[0] == "str"):
        return SMALL_INT
    return MEDIUM_INT if any(name + "(" in text for name in HELPERS) else ANY_INT


@functools.cache
def worth() -> dict[str, float]:
    """Return the informativeness of each word of the tables."""
    return words.informativeness(Counter(word for row in rows() for word in row.words))


@functools.lru_cache(maxsize=64)
def _typed(relevant: tuple[str, ...]) -> tuple[Op, ...]:
    """Return each row with each choice of relevant types for its type variables."""
    domains: dict[str, list[str]] = {
        "n": [kind for kind in ("int", "float") if kind in relevant],
        "k": [kind for kind in ("int", "float", "str") if kind in relevant],
        "a": [kind for kind in relevant if not kind.startswith("{")],
        "b": [kind for kind in relevant if kind in ("int", "float", "str", "bool")],
    }
    found = []
    for row in rows():
        signature = " ".join((*row.takes, row.gives))
        free = sorted(set(_VARIABLE.findall(signature)))
        if not free:
            found.append(row)
            continue
        pools: list[list[str]] = [domains[name] for name in free]
        choices = itertools.product(*pools)
        found += [_bind(row, dict(zip(free, choice, strict=True))) for choice in choices]
    return tuple(found)


def _bind(row: Op, binding: Mapping[str, str]) -> Op:
    def bound(kind: str) -> str:
        return _VARIABLE.sub(lambda match: binding[match[0]], kind)

    return replace(row, takes=tuple(map(bound, row.takes)), gives=bound(row.gives))


def weighted(
    seen: Iterable[str], heard: Mapping[str, float], noise: random.Random | None
) -> list[Op]:
    """Return all idioms for the types of a task, cheaper if its words are evidence for them."""
    relevant = {"int", "str", "bool"}.union(*map(kinds.every_part, seen)) - {"none"}
    ops = _weighted(tuple(sorted(relevant)), tuple(heard.items()))
    steps = (-1, 0, 0, 1, 2)
    return [_costing(op, op.cost + noise.choice(steps)) for op in ops] if noise else ops


@functools.lru_cache(maxsize=8)
def _weighted(relevant: tuple[str, ...], heard: tuple[tuple[str, float], ...]) -> list[Op]:
    values, said = worth(), dict(heard)
    gains = {row.words: words.evidence(row.words, said, values) for row in rows()}
    return [
        _costing(op, op.cost - round(min(2.2 * gains[op.words], 0.7 * op.cost)))
        for op in _typed(relevant)
    ]


def _costing(op: Op, cost: int) -> Op:
    """Return an idiom at another cost: `replace` takes four times as long."""
    return Op(op.text, op.takes, op.gives, max(1, cost), op.words, op.limit, op.size)


def _least_costs(ops: Iterable[Op]) -> dict[tuple[tuple[str, ...], str], int]:
    """Return the distinct types of idioms, each with the cost of the cheapest."""
    return {(op.takes, op.gives): op.cost for op in sorted(ops, key=lambda op: -op.cost)}


def cheapest(ops: Iterable[Op], sources: Mapping[str, int]) -> dict[str, int]:
    """Return, for each type, the least cost of a value of it that is built from the sources."""
    best = dict(sources)
    pending = True
    costs = _least_costs(ops)
    while pending:
        pending = False
        for (takes, gives), cost in costs.items():
            total = cost + sum([best.get(kind, 10**6) for kind in takes])
            if total < min(best.get(gives, 10**6), 10**6):
                best[gives] = total
                pending = True
    return best


def distances(
    ops: Iterable[Op], goals: Mapping[str, int], least: Mapping[str, int]
) -> dict[str, int]:
    """Return, for each type, the least cost of building a goal from a value of it."""
    best = dict(goals)
    costs = _least_costs(op for op in ops if all(kind in least for kind in op.takes))
    pending = True
    while pending:
        pending = False
        for (takes, gives), cost in costs.items():
            if gives not in best:
                continue
            total = best[gives] + cost + sum([least[kind] for kind in takes])
            for kind in takes:
                if total - least[kind] < best.get(kind, math.inf):
                    best[kind] = total - least[kind]
                    pending = True
    return best
