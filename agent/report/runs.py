"""The table of the runs in a folder."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.figures import duration
from agent.report.summary import Report
from agent.report.widgets import print_table
from agent.support.safe_text import visible
from agent.types import Record


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
    """Print the table, a line per run; a narrow console leaves out what `--json` has."""
    rows = [_cells(line) for line in lines]
    widths = {name: max(len(name), *(cell_len(row[name]) for row in rows)) for name in _COLUMNS}
    widths |= {name: min(widths[name], SHORTEST) for name in _SHORTENED}
    shown = list(_COLUMNS)
    for name in _LEFT_OUT:
        if sum(widths[one] + 1 for one in shown) > console.width + 1:
            shown.remove(name)
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for name in shown:
        table.add_column(
            name,
            justify="right" if name in _FIGURES else "left",
            no_wrap=name not in _SHORTENED,
            min_width=widths[name] if name in _SHORTENED else None,
            overflow="ellipsis",
        )
    for row in rows:
        table.add_row(*(Text(visible(row[name])) for name in shown))
    print_table(console, table)


SHORTEST = 10
"""Columns of a console below which a model or a dataset is not shortened."""
_FIGURES = ("single shot", "final", "tokens", "problems", "time")
_COLUMNS = ("run", "created (UTC)", "model", "dataset", *_FIGURES)
_SHORTENED = ("model", "dataset")
_LEFT_OUT = ("time", "problems", "created (UTC)", "tokens", "dataset")
"""Columns that a narrow console lacks, the least important first."""


def _cells(line: RunResult) -> dict[str, str]:
    part = "" if line.scored in (None, line.problems) else f"{line.scored} of "
    is_finished = line.tokens is not None
    values = (
        line.run,
        line.created[:16].replace("T", " "),
        line.model,
        line.dataset,
        _percent(line.single_shot) if is_finished else "-",
        _percent(line.final) if is_finished else "not finished",
        f"{line.tokens:,}" if line.tokens is not None else "-",
        f"{part}{line.problems}",
        "-" if line.seconds is None else duration(line.seconds),
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"
