"""Test writing: the docstring's examples, and variations with values of a guessed program."""

from __future__ import annotations

import random
from typing import Any

from agent.synthesiser.bank import FAILED
from agent.synthesiser.reading import Asked
from agent.synthesiser.search import synthesise

GUESS_BUDGET = 4_000
MAX_TRIES = 60
MAX_PROBES = 12
SPARE_PROBES = 3
"""Number of extra inputs, since the guessed program fails on some."""


def write_tests(task: Asked, seed: int) -> str:
    """Return the requested number of asserts, one per line; fewer if inputs run out."""
    lines = [_assert(task, example.args, example.value) for example in task.examples]
    lines = lines[: max(1, task.count // 2)]
    rng = random.Random(f"tests {seed} {task.name}")
    probes = _inputs(task, rng, min(task.count - len(lines) + SPARE_PROBES, MAX_PROBES))
    guess = next(iter(synthesise(task, task.examples, GUESS_BUDGET, probes=probes)), None)
    values = guess.probed if guess is not None else ()
    for args, value in zip(probes, values, strict=False):
        if len(lines) < task.count and value is not FAILED:
            lines.append(_assert(task, args, value))
    return "\n".join(lines)


def _assert(task: Asked, args: tuple[Any, ...], value: object) -> str:
    return f"assert {task.name}({', '.join(map(repr, args))}) == {value!r}"


def _inputs(task: Asked, rng: random.Random, count: int) -> list[tuple[Any, ...]]:
    """Return variations of the examples' arguments, and some random arguments; all are new."""
    known = {repr(example.args) for example in task.examples}
    found: dict[str, tuple[Any, ...]] = {}
    for _ in range(MAX_TRIES):
        if task.examples and rng.random() < 0.8:
            args = tuple(vary(value, rng) for value in rng.choice(task.examples).args)
        else:
            args = tuple(invent(kind, rng) for kind in task.kinds)
        if repr(args) not in known and len(found) < count:
            found.setdefault(repr(args), args)
    return list(found.values())


def vary(value: Any, rng: random.Random) -> Any:
    """Return a slightly different value of the same type."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return max(0, value + rng.choice((-2, -1, 1, 2, 3))) if value >= 0 else value - 1
    if isinstance(value, float):
        return round(value + rng.choice((-1.0, 0.5, 1.0)), 3)
    if isinstance(value, str):
        return _varied_text(value, rng)
    if isinstance(value, list):
        return _varied_list(value, rng)
    if isinstance(value, tuple):
        return tuple(vary(item, rng) for item in value)
    return value


def _varied_text(text: str, rng: random.Random) -> str:
    if not text:
        return rng.choice(("a", "ab"))
    at = rng.randrange(len(text))
    return rng.choice((text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:], text[::-1]))


def _varied_list(items: list[Any], rng: random.Random) -> list[Any]:
    if not items:
        return []
    at = rng.randrange(len(items))
    changed = [*items[:at], vary(items[at], rng), *items[at + 1 :]]
    return rng.choice((changed, items[:at] + items[at + 1 :], items[::-1], [*items, items[at]]))


def invent(kind: str, rng: random.Random) -> Any:
    """Return a random value of a type."""
    if kind == "int":
        return rng.randint(1, 20)
    if kind == "float":
        return round(rng.uniform(0, 10), 1)
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "str":
        return "".join(rng.choice("abcde ") for _ in range(rng.randint(1, 8))).strip()
    try:
        return [invent(kind[1:-1], rng) for _ in range(rng.randint(0, 5))] if kind[0] == "[" else 0
    except IndexError:
        return 0
