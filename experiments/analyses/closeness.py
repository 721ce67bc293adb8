"""Closeness of wrong values to the expected ones, on the visible tests."""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

from agent.types import Trace
from experiments.analyses.analysis_table import AnalysedRun, AnalysisTable, Cell, middle
from experiments.analyses.failures import programs_of
from sandbox.types import Status

NAME = "closeness"
ALMOST = 1e-6
"""Relative error below which two numbers differ by rounding only."""
KINDS = (
    *("rounding", "off by one", "other sign", "within 10 %", "other number"),
    *("same items, other order", "one item differs", "other length", "other items"),
    *("other type", "other value"),
)


def number(value: object) -> float | None:
    """Return a finite number as a float; None for any other value, truth values included."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def kind_of(expected: object, actual: object) -> str:
    """Return the way in which a wrong value differs from the expected one."""
    one, two = number(expected), number(actual)
    if one is not None and two is not None:
        return _numbers(one, two)
    if isinstance(expected, list | tuple) and isinstance(actual, list | tuple):
        return _items(expected, actual)
    return "other value" if type(expected) is type(actual) else "other type"


def _numbers(expected: float, actual: float) -> str:
    if math.isclose(expected, actual, rel_tol=ALMOST, abs_tol=ALMOST):
        return "rounding"
    if abs(expected - actual) == 1:
        return "off by one"
    if expected == -actual:
        return "other sign"
    return "within 10 %" if abs(expected - actual) <= 0.1 * abs(expected) else "other number"


def _items(expected: Sequence[object], actual: Sequence[object]) -> str:
    if sorted(map(repr, expected)) == sorted(map(repr, actual)):
        return "same items, other order"
    if len(expected) != len(actual):
        return "other length"
    wrong = sum(repr(one) != repr(two) for one, two in zip(expected, actual, strict=True))
    return "one item differs" if wrong == 1 else "other items"


def tables(runs: Sequence[AnalysedRun]) -> Iterator[AnalysisTable]:
    """Yield the table of kinds of wrong values, by run and round."""
    found = [
        (run.name, label, [*_wrong(programs)])
        for run in runs
        for label, programs in programs_of(run.traces)
    ]
    counted = [Counter(kind_of(*pair) for pair in pairs) for *_, pairs in found]
    used = [kind for kind in KINDS if any(kinds[kind] for kinds in counted)]
    yield AnalysisTable(
        name=NAME,
        title="Closeness of wrong values",
        notes=(
            "Wrong answers on the visible tests whose two values can be read. Errors are medians"
            " over the pairs of numbers; in percent of the expected value if that is not 0.",
        ),
        head=(
            *("run", "programs of", "wrong values", *used, "pairs of numbers", "absolute error"),
            "error in %",
        ),
        rows=tuple(
            (run, label, len(pairs), *(kinds[kind] for kind in used), *_errors(pairs))
            for (run, label, pairs), kinds in zip(found, counted, strict=True)
        ),
    )


def _wrong(programs: Sequence[tuple[Trace, int]]) -> Iterator[tuple[object, object]]:
    """Yield the expected and the actual value of each wrong answer, if both are literals."""
    for trace, candidate in programs:
        for row in trace.rows:
            for one in row.outcomes if row.candidate == candidate else ():
                if one.status == Status.WRONG_ANSWER and one.expected and one.actual:
                    with suppress(ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
                        yield ast.literal_eval(one.expected), ast.literal_eval(one.actual)


def _errors(pairs: Sequence[tuple[object, object]]) -> tuple[Cell, ...]:
    """Return the number of pairs of numbers, and their median absolute and relative errors."""
    known = [(number(one), number(two)) for one, two in pairs]
    numbers = [(one, two) for one, two in known if one is not None and two is not None]
    absolute = [abs(one - two) for one, two in numbers]
    relative = [100 * abs(one - two) / abs(one) for one, two in numbers if one]
    return len(numbers), middle(absolute), middle(relative)
