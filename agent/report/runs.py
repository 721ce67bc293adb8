"""The table of the runs in a folder."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.figures import duration
from agent.report.widgets import print_table
from agent.support.safe_text import visible
from agent.types import Record, Report

WIDE = 100
"""Minimum width of a console, in cells, for a table with all columns."""


class RunResult(Record):
    """One run of a folder. Figures are None if the run is not finished."""

    run: str
    """Name of the run folder."""
    created: str
    """Time of the first start, in ISO 8601; empty if the manifest does not have it."""
    model: str
    dataset: str
    problems: int
    """Number of problems, scored or not."""
    scored: int | None = None
    single_shot: float | None = None
    """pass@1 of the first drafts, as a fraction of the scored problems."""
    final: float | None = None
    """pass@1 of the answers."""
    tokens: int | None = None
    """Tokens of prompts and answers together. Answers from the store count like new ones."""
    seconds: float | None = None


def run_result(
    run: str, manifest: dict[str, object], problems: int, report: Report | None
) -> RunResult:
    """Return the line of a run. `report` is None if the run is not finished."""
    dataset = manifest.get("dataset")
    known = RunResult(
        run=run,
        created=str(manifest.get("created", "")),
        model=str(manifest.get("model", "")),
        dataset=str(dataset.get("name", "") if isinstance(dataset, dict) else dataset or ""),
        problems=problems,
    )
    if report is None:
        return known
    return known.model_copy(
        update={
            "scored": report.final.total,
            "single_shot": report.single_shot.value if report.final.total else None,
            "final": report.final.value if report.final.total else None,
            "tokens": report.usage.prompt_tokens + report.usage.completion_tokens,
            "seconds": report.seconds,
        }
    )


def print_runs(lines: Sequence[RunResult], console: Console) -> None:
    """Print the table: one line per run."""
    wide = console.width >= WIDE
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("run", "created (UTC)", "model", "dataset"):
        table.add_column(name, overflow="fold")
    for name in ("single shot", "final", "tokens", *(("problems", "time") if wide else ())):
        table.add_column(name, justify="right")
    for line in lines:
        texts = (line.run, line.created[:16].replace("T", " "), line.model, line.dataset)
        figures = (*_figures(line), *(_size(line) if wide else ()))
        table.add_row(*(Text(visible(text)) for text in texts), *figures)
    print_table(console, table)


def _figures(line: RunResult) -> tuple[str, str, str]:
    if line.tokens is None:
        return "-", "not finished", "-"
    return _percent(line.single_shot), _percent(line.final), f"{line.tokens:,}"


def _size(line: RunResult) -> tuple[str, str]:
    part = "" if line.scored in (None, line.problems) else f"{line.scored} of "
    return f"{part}{line.problems}", "-" if line.seconds is None else duration(line.seconds)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"
