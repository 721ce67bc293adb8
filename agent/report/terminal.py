"""The closing table of a run."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.figures import figures, warnings
from agent.report.summary import Report
from agent.report.web import PAGE
from agent.report.widgets import print_table
from agent.support.safe_text import visible


def print_report(report: Report, folder: Path, console: Console) -> None:
    """Print a run's figures, after the problems that could not be scored, which are red."""
    for line in warnings(report):
        console.print(Text(visible(line), style="bold red"))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for figure in figures(report):
        style = "bold" if figure.strong else ""
        table.add_row(Text(figure.label, style="cyan"), Text(visible(figure.value), style=style))
    print_table(console, table)
    # Lines that are never wrapped, so that the paths can be copied.
    console.print(Text(f"run folder: {visible(str(folder))}"), soft_wrap=True)
    if (folder / PAGE).exists():
        console.print(Text(f"page: {visible(str(folder / PAGE))}"), soft_wrap=True)
