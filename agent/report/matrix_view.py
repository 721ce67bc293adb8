"""The visible tests of a problem, and what each of them said of each candidate."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.widgets import python, verdict
from agent.support.safe_text import visible
from agent.types import Candidate, Row, Trace
from sandbox.types import Status

SYMBOLS = {
    Status.PASSED: "✓",
    Status.WRONG_ANSWER: "✗",
    Status.EXCEPTION: "E",
    Status.SYNTAX_ERROR: "S",
    Status.TIMEOUT: "T",
    Status.OUT_OF_MEMORY: "M",
    Status.CRASHED: "C",
}
_ASCII = {"✓": ".", "✗": "x"}
_STYLES = {Status.PASSED: "green", Status.WRONG_ANSWER: "red"}
GROUP = 5
"""Outcomes that stand together, so that a column can be counted."""


def print_tests(trace: Trace, console: Console) -> None:
    """List the visible tests with where they come from."""
    if not trace.tests:
        console.print("none", style="dim")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("test", justify="right")
    for name in ("origin", "form"):
        table.add_column(name)
    table.add_column("count", justify="right")
    table.add_column("source", overflow="fold")
    for number, test in enumerate(trace.tests):
        form, source = Text(visible(test.form)), python(test.source)
        table.add_row(str(number), test.origin, form, str(test.count), source)
    console.print(table)


def print_matrix(trace: Trace, console: Console) -> None:
    """Show candidates against visible tests, a symbol each, in the order of the tests."""
    ascii_only = console.options.ascii_only
    rows = {row.candidate: row for row in trace.rows}
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("candidate", justify="right")
    table.add_column("round", justify="right")
    table.add_column("passed", justify="right")
    table.add_column(f"tests 0 to {len(trace.tests) - 1}" if trace.tests else "tests")
    table.add_column("hidden")
    for candidate in trace.candidates:
        row = rows.get(candidate.id)
        table.add_row(
            f"{'* ' if candidate.id == trace.choice.candidate else ''}{candidate.id}",
            str(candidate.round),
            f"{sum(o.passed for o in row.outcomes)}/{len(row.outcomes)}" if row else "-",
            _symbols(row, ascii_only) if row else Text("not run", style="dim"),
            verdict(hidden(trace, candidate)),
        )
    console.print(table)
    console.print(_legend(ascii_only))


def hidden(trace: Trace, candidate: Candidate) -> bool | None:
    """The hidden-test verdict of a candidate; None where nothing is scored yet."""
    return trace.score.passed[candidate.id] if trace.score else None


def _symbol(status: Status, ascii_only: bool) -> Text:
    symbol = SYMBOLS[status]
    shown = _ASCII.get(symbol, symbol) if ascii_only else symbol
    return Text(shown, style=_STYLES.get(status, "yellow"))


def _symbols(row: Row, ascii_only: bool) -> Text:
    text = Text(overflow="fold")
    for number, outcome in enumerate(row.outcomes):
        if number and number % GROUP == 0:
            text.append(" ")
        text.append_text(_symbol(outcome.status, ascii_only))
    return text


def _legend(ascii_only: bool) -> Text:
    entries = [Text.assemble(_symbol(status, ascii_only), f" {status.value}") for status in SYMBOLS]
    return Text(", ").join([*entries, Text("* the answer")])
