"""Search for programs that meet given tests, for repairing and for writing tests."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.synthesiser import kinds
from agent.synthesiser.bank import Bank, Entry, behaviour
from agent.synthesiser.call_examples import Example
from agent.synthesiser.fitting import fit
from agent.synthesiser.goals import Cheapest, choose
from agent.synthesiser.library import Op, weighted
from agent.synthesiser.reading import Asked
from agent.synthesiser.sources import bind, constants, functions, parameters
from agent.synthesiser.writing import Body

MAX_TESTS = 10
CONDITION_HANDICAP = 4
SCOUTING_BUDGET = 300
EXTRA_BUDGET = 1500
"""Budget after the first program that meets all tests, to find likelier programs."""
FIT_WEIGHT = 1.5
"""Weight of a unit of fit to the docstring, in units of cost."""


@dataclass(frozen=True)
class Solution:
    """A program that a search returns."""

    body: Body
    met: int
    """Number of tests that it meets."""
    probed: tuple[Any, ...] = ()
    """Its values on the probes."""


def synthesise(
    task: Asked,
    tests: Sequence[Example],
    budget: int,
    noise: random.Random | None = None,
    probes: Sequence[tuple[Any, ...]] = (),
) -> list[Solution]:
    """Return programs that meet the tests, the likeliest first; else those that meet the most.

    Probes are inputs whose value is unknown; each result contains its values on them.
    """
    tests = tests[:MAX_TESTS]
    inputs = [*(test.args for test in tests), *probes]
    if not inputs or not task.params:
        return []
    ops = weighted([*task.kinds, task.goal], task.words, noise)
    sources = [*parameters(task, inputs), *constants(task, len(inputs))]
    leaves = _with_functions(task, ops, sources, inputs)
    goals = {task.goal: 0, "bool": CONDITION_HANDICAP if task.goal != "bool" else 0}
    bank = Bank(ops, leaves, goals, budget)
    collected = Cheapest([test.value for test in tests])
    whole = _enumerate(task, bank, collected)
    if whole:
        ranked = sorted(
            whole, key=lambda entry: entry.cost - FIT_WEIGHT * fit(task, list(_ops_of(entry)))
        )
        return [_found(task, entry, collected, len(tests)) for entry in ranked]
    return list(_second_best(task, collected, sum(test in task.examples for test in tests)))


def _with_functions(
    task: Asked, ops: list[Op], sources: list[Entry], inputs: Sequence[tuple[Any, ...]]
) -> list[Entry]:
    """Add functions of one element to the leaves, for lists that a short search finds."""
    scout = Bank(ops, sources, {"[int]": 0, "[str]": 0, task.goal: 0}, SCOUTING_BUDGET)
    for _ in scout.programs(max_level=8):
        pass
    found = functions(task, ops, scout, sources)
    return [*sources, *(bind(task, function, inputs) for function in found)]


def _enumerate(task: Asked, bank: Bank, collected: Cheapest) -> list[Entry]:
    """Run the bank, and return the programs that meet every test."""
    whole: list[Entry] = []
    fitting = {task.goal, "int"} if task.goal == "float" else {task.goal}
    for entry in bank.programs():
        if entry.kind == "bool":
            collected.condition(entry)
        if entry.kind in fitting and collected.result(entry) == collected.everything:
            whole.append(entry)
            if len(whole) == 1 and collected.wanted:
                bank.wanted = behaviour(entry.values)
                bank.budget = min(bank.budget, bank.spent + EXTRA_BUDGET)
    return whole


def _second_best(task: Asked, collected: Cheapest, own: int) -> Iterator[Solution]:
    """Yield programs that meet the first `own` tests (the docstring's), then joined, then all."""
    ranked = sorted(
        collected.results.items(), key=lambda item: (-item[0].bit_count(), item[1].cost)
    )
    required = (1 << own) - 1
    for met, entry in ranked:
        if own and met & required == required:
            yield _found(task, entry, collected, met.bit_count())
    _add_answers(task, collected)
    joined = collected.joined()
    if joined is not None:
        guards, last = joined
        texts = tuple((test.text(task.params), e.text(task.params)) for test, e in guards)
        values = choose(guards, last)[len(collected.wanted) :]
        yield Solution(Body(last.text(task.params), texts), len(collected.wanted), tuple(values))
    for met, entry in ranked:
        yield _found(task, entry, collected, met.bit_count())


def _add_answers(task: Asked, collected: Cheapest) -> None:
    """Record constants that the tests expect, as results that a guard may return."""
    total = len(next(iter(collected.conditions.values())).values) if collected.conditions else 0
    usual = [v for v in collected.wanted if v is None or v in (True, False, 0, -1, 1, "", [])]
    for value in [*usual, *task.constants] if total else []:
        entry = Entry(kinds.kind_of(value), 4, [value] * total, repr(value), variable=False)
        collected.result(entry)


def _ops_of(entry: Entry) -> Iterator[Op]:
    if entry.op is not None:
        yield entry.op
    for arg in entry.args:
        yield from _ops_of(arg)


def _found(task: Asked, entry: Entry, collected: Cheapest, met: int) -> Solution:
    probed = tuple(entry.values[len(collected.wanted) :])
    return Solution(Body(entry.text(task.params)), met, probed)
