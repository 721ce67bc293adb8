"""The matrix of a problem: the outcome of each visible test on each candidate."""

from __future__ import annotations

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from agent.report.widgets import View, hidden, print_table, python, shortened
from agent.support.safe_text import visible
from agent.types import Row, Trace, VisibleTest
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
"""Number of symbols between two blanks, so that a reader can count columns."""


def print_tests(trace: Trace, view: View) -> None:
    """Print the visible tests and their origins: one line per test, or whole in a full view."""
    if not trace.tests:
        view.console.print("none", style="dim")
    elif view.full:
        for number, test in enumerate(trace.tests):
            times = f", written {test.count} times" if test.count > 1 else ""
            view.show(Text(visible(f"test {number}: {test.origin}, {test.form}{times}")))
            view.show(python(test.source))
    else:
        print_table(view.console, _tests_table(trace, view.console.width))


def _tests_table(trace: Trace, width: int) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("test", justify="right")
    table.add_column("origin")
    table.add_column("source", no_wrap=True, overflow="ellipsis")
    origins = [shortened(_origin(test), width // 3) for test in trace.tests]
    left = width - len("test") - max(len("origin"), *map(cell_len, origins)) - 4
    for number, (test, origin) in enumerate(zip(trace.tests, origins, strict=True)):
        table.add_row(str(number), Text(origin), python(shortened(test.source, left)))
    return table


def _origin(test: VisibleTest) -> str:
    """Return the origin of a test: for a docstring example, its form."""
    if test.origin == "docstring":
        return test.form
    return test.origin + (f" x{test.count}" if test.count > 1 else "")


def print_matrix(trace: Trace, view: View) -> None:
    """Print candidates against visible tests, one symbol per outcome, in the tests' order."""
    console = view.console
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
            hidden(trace, candidate.id),
        )
    print_table(console, table)
    view.show(_legend(ascii_only))


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
