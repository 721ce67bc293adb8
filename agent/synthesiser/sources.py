"""The leaves of a search: parameters, constants, and functions of one element."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from agent.synthesiser import kinds
from agent.synthesiser.bank import FAILED, MAX_INT, Bank, Entry, in_bounds
from agent.synthesiser.compiling import ELEMENT, closure
from agent.synthesiser.library import Op
from agent.synthesiser.reading import Asked

MAX_SAMPLES = 24
MAX_FUNCTIONS_OF_A_KIND = 60
FUNCTION_BUDGET = 500
_SCALAR = ("int", "float", "str", "bool")


def parameters(task: Asked, inputs: Sequence[tuple[Any, ...]]) -> list[Entry]:
    """Return one program per parameter. A value too large for the search becomes FAILED."""
    found = []
    for index, (name, kind) in enumerate(zip(task.params, task.kinds, strict=True)):
        values = [args[index] for args in inputs]
        values = [value if in_bounds(value) else FAILED for value in values]
        found.append(Entry(kind, 1, values, name))
    return found


def constants(task: Asked, count: int) -> list[Entry]:
    """Return common constants and those of the docstring, as programs for `count` inputs."""
    usual: list[tuple[Any, int]] = [(0, 3), (1, 3), (2, 4), (-1, 5), (10, 6), ("", 4), (" ", 4)]
    usual += [([], 5), (True, 5), (False, 5)]
    named = [(value, 2) for value in task.constants]
    found: dict[str, Entry] = {}
    for value, cost in [*named, *usual]:
        if isinstance(value, int) and abs(value) > MAX_INT:
            continue
        kind = kinds.kind_of(value)
        kind = task.goal if kind == "[?]" and task.goal[0] == "[" else kind
        if "?" not in kind:
            entry = Entry(kind, cost, [value] * count, repr(value), variable=False)
            found.setdefault(repr(value), entry)
    return list(found.values())


def functions(task: Asked, ops: Sequence[Op], bank: Bank, sources: Sequence[Entry]) -> list[Entry]:
    """Return functions of one element, for each element type of the bank's lists."""
    found = []
    for kind, values in _samples(bank).items():
        found += _functions_of(task, ops, kind, values, sources)
    return found


def _samples(bank: Bank) -> dict[str, list[tuple[int, Any]]]:
    """Return elements of a bank's lists and letters of its texts, as (input index, element)."""
    found: dict[str, dict[str, tuple[int, Any]]] = {}
    for kind in sorted(bank.by_kind):
        inner = "str" if kind == "str" else kinds.parts(kind)[0] if kind[0] == "[" else None
        if inner is None:
            continue
        known = found.setdefault(inner, {})
        for entry in bank.of(kind):
            for index, value in enumerate(entry.values):
                for element in [] if value is FAILED else value:
                    if len(known) < MAX_SAMPLES:
                        known.setdefault(repr(element), (index, element))
    return {kind: list(known.values()) for kind, known in found.items() if known}


def element_sources(
    task: Asked, kind: str, samples: Sequence[tuple[int, Any]], sources: Sequence[Entry]
) -> list[Entry]:
    """Return the leaves of a function's body: the element, scalar parameters and constants."""
    found = [Entry(kind, 1, [element for _, element in samples], ELEMENT)]
    for source in sources:
        if source.kind in _SCALAR or source.kind in (f"[{kind}]", kind):
            values = [source.values[index] for index, _ in samples]
            cost = source.cost + 1
            found.append(Entry(source.kind, cost, values, source.written, variable=False))
    return found


def _functions_of(
    task: Asked,
    ops: Sequence[Op],
    kind: str,
    samples: list[tuple[int, Any]],
    sources: Sequence[Entry],
) -> list[Entry]:
    leaves = element_sources(task, kind, samples, sources)
    simple = [op for op in ops if not any(">" in taken for taken in op.takes)]
    goals = {"bool": 0, "int": 0, "str": 1, "float": 1, kind: 0}
    bank = Bank(simple, leaves, goals, FUNCTION_BUDGET)
    for _ in bank.programs(max_level=11):
        pass
    found = []
    for result in dict.fromkeys(goals):
        bodies = [entry for entry in bank.of(result) if entry.op is not None]
        found += [_function(task, kind, body) for body in bodies[:MAX_FUNCTIONS_OF_A_KIND]]
    return found


def _function(task: Asked, kind: str, body: Entry) -> Entry:
    text = body.text((*task.params, "x"))
    signature = f"{kind}>{body.kind}"
    return Entry(signature, body.cost, [], text, body.op, body.args, limit=body.limit)


def bind(task: Asked, function: Entry, inputs: Sequence[tuple[Any, ...]]) -> Entry:
    """Set the values of a function: one closure per input; return the function."""
    bound = "x" if "x" not in task.params else "x_"
    make = closure(function.written, task.params, bound)
    function.values = [make(*args) for args in inputs]
    function.variable = bool(re.search("|".join(map(re.escape, task.params)), function.written))
    return function
