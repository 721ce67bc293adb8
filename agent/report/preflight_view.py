"""The view of a preflight: each failure side by side, and a row per prompt and extractor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.widgets import View, print_table
from agent.support.safe_text import visible
from agent.types import Record


class Reading(Record):
    """An answer to a prompt, and the program that an extractor read from it."""

    task_id: str
    prompt: str
    extractor: str
    answer: str
    program: str
    passed: bool
    """Whether it passes the docstring's examples; without any, whether it defines the function."""
    warning: str = ""
    """Reason why a failure need not be the model's mistake; empty if nothing says so."""


def as_record(readings: Sequence[Reading]) -> dict[str, Any]:
    """Return the counts of each pair, and the failures."""
    return {
        "pairs": [_counts(pair, readings) for pair in _pairs(readings)],
        "failures": [one.model_dump(exclude={"passed"}) for one in readings if not one.passed],
    }


def print_readings(readings: Sequence[Reading], console: Console) -> None:
    """Print the failures, then a table of the pairs."""
    view = View(console)
    for one in readings:
        if not one.passed:
            view.heading(f"{one.task_id}: {one.prompt}, {one.extractor}")
            _print_sides(one, console)
            if one.warning:
                view.show(Text(f"warning: {one.warning}", style="yellow"))
    console.print()
    table = Table("prompt", "extractor", "problems", "pass", "fail", "of these by reading")
    for pair in _pairs(readings):
        table.add_row(*map(str, _counts(pair, readings).values()))
    print_table(console, table)


def _print_sides(one: Reading, console: Console) -> None:
    sides = Table("answer", "program", box=box.SIMPLE, expand=True)
    for column in sides.columns:
        column.ratio = 1
        column.overflow = "fold"
    sides.add_row(Text(visible(one.answer)), Text(visible(one.program)))
    print_table(console, sides)


def _pairs(readings: Sequence[Reading]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one.prompt, one.extractor) for one in readings))


def _counts(pair: tuple[str, str], readings: Sequence[Reading]) -> dict[str, Any]:
    own = [one for one in readings if (one.prompt, one.extractor) == pair]
    return {
        "prompt": pair[0],
        "extractor": pair[1],
        "problems": len(own),
        "passed": sum(one.passed for one in own),
        "failed": sum(not one.passed for one in own),
        "warnings": sum(bool(one.warning) for one in own),
    }
