"""Tests that hold whatever the entry point gives: they tell no candidate from another.

Two programs that do nothing are run on every generated test, one that gives None and one that gives
an object which equals nothing. A single one would not do: `not f(x)` holds where nothing is given
and is a good test all the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.types import Probe, VisibleTest
from agent.visible_tests.executor import Executor
from sandbox.types import Outcome


def do_nothing(entry_point: str) -> tuple[str, ...]:
    """Programs whose entry point takes anything, by place or by name, and does nothing with it."""
    header = f"def {entry_point}(*arguments, **named):\n"
    return f"{header}    return None\n", f"{header}    return object()\n"


def says_something(
    tests: Sequence[VisibleTest], rows: Sequence[Sequence[Outcome]]
) -> tuple[VisibleTest, ...]:
    """The tests without the generated ones that every do-nothing program passed.

    `rows` has what each of those programs did on each test. A docstring example stays whatever they
    did: it is what the function is meant to do, even where that is nothing.
    """
    return tuple(
        test
        for i, test in enumerate(tests)
        if test.origin == "docstring" or not all(row[i].passed for row in rows)
    )


async def telling(
    executor: Executor, tests: tuple[VisibleTest, ...]
) -> tuple[tuple[VisibleTest, ...], tuple[Probe, ...]]:
    """The generated tests that a do-nothing program fails, and the executions that told."""
    if not tests:
        return (), ()
    idle, sources = do_nothing(executor.problem.entry_point), tuple(test.source for test in tests)
    rows = await executor.run(idle, sources, tuple)
    probes = (Probe(program=one, tests=sources, outcomes=rows[one]) for one in idle)
    return says_something(tests, [rows[one] for one in idle]), tuple(probes)
