"""Trivial tests: they pass whatever the entry point returns, so they cannot compare candidates.

Two programs that do nothing run on every generated test: one returns None, the other an object that
equals nothing else. One program would not suffice: `not f(x)` passes if `f` returns None, and is a
useful test nevertheless.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.types import Probe, VisibleTest
from agent.visible_tests.executor import Executor
from sandbox.types import Outcome


def do_nothing(entry_point: str) -> tuple[str, ...]:
    """Return programs whose entry point accepts any arguments and ignores them."""
    header = f"def {entry_point}(*arguments, **named):\n"
    return f"{header}    return None\n", f"{header}    return object()\n"


def says_something(
    tests: Sequence[VisibleTest], rows: Sequence[Sequence[Outcome]]
) -> tuple[VisibleTest, ...]:
    """Return the tests except the generated ones that every do-nothing program passed.

    `rows` holds, for each of those programs, its outcome on each test. Docstring examples always
    stay: they specify the function, even if it has to do nothing.
    """
    return tuple(
        test
        for i, test in enumerate(tests)
        if test.origin == "docstring" or not all(row[i].passed for row in rows)
    )


async def remove_trivial(
    executor: Executor, tests: tuple[VisibleTest, ...]
) -> tuple[tuple[VisibleTest, ...], tuple[Probe, ...]]:
    """Return the docstring examples, the tests that a do-nothing program fails, and all probes."""
    if not tests:
        return (), ()
    idle, sources = do_nothing(executor.problem.entry_point), tuple(test.source for test in tests)
    rows = await executor.run(idle, sources, tuple)
    probes = (Probe(program=one, tests=sources, outcomes=rows[one]) for one in idle)
    return says_something(tests, [rows[one] for one in idle]), tuple(probes)
