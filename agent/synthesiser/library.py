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


def typed(relevant: frozenset[str]) -> tuple[Op, ...]:
    """Return each row with each choice of relevant types for its type variables."""
    return _typed(tuple(sorted(relevant)))


@functools.lru_cache(maxsize=64)
def _typed(relevant: tuple[str, ...]) -> tuple[Op, ...]:
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


def relevant_kinds(seen: Iterable[str]) -> frozenset[str]:
    """Return the types that type variables may take in a task."""
    inner = set().union(*map(kinds.every_part, seen)) - {"none"}
    return frozenset(inner | {"int", "str", "bool"})


def weighted(
    ops: Iterable[Op], heard: Mapping[str, float], noise: random.Random | None
) -> list[Op]:
    """Return the same idioms, at a lower cost if the task's words are evidence for them."""
    values = worth()
    found = []
    for op in ops:
        gain = words.evidence(op.words, heard, values)
        cost = op.cost - round(min(2.2 * gain, 0.7 * op.cost))
        if noise is not None:
            cost += noise.choice((-1, 0, 0, 1, 2))
        found.append(replace(op, cost=max(1, cost)))
    return found


def cheapest(ops: Iterable[Op], sources: Mapping[str, int]) -> dict[str, int]:
    """Return, for each type, the least cost of a value of it that is built from the sources."""
    best = dict(sources)
    pending = True
    ops = list(ops)
    while pending:
        pending = False
        for op in ops:
            cost = op.cost + sum(best.get(kind, 10**6) for kind in op.takes)
            if cost < min(best.get(op.gives, 10**6), 10**6):
                best[op.gives] = cost
                pending = True
    return best


def distances(
    ops: Iterable[Op], goals: Mapping[str, int], least: Mapping[str, int]
) -> dict[str, int]:
    """Return, for each type, the least cost of building a goal from a value of it."""
    best = dict(goals)
    ops = [op for op in ops if all(kind in least for kind in op.takes)]
    pending = True
    while pending:
        pending = False
        for op in ops:
            if op.gives not in best:
                continue
            total = sum(least[kind] for kind in op.takes)
            for kind in op.takes:
                cost = best[op.gives] + op.cost + total - least[kind]
                if cost < best.get(kind, math.inf):
                    best[kind] = cost
                    pending = True
    return best
