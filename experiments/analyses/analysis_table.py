"""The parts that all analyses share: the run that is read, and the table that is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from agent.config import RunConfig
from agent.errors import RunFolderError
from agent.report.markdown import escaped, table
from agent.report.summary import Report
from agent.runner.folder import RunFolder
from agent.runner.versions import settings_of
from agent.types import Record, Trace
from experiments.studies.draws import is_known

Cell = str | int | float | None
"""A cell of a table. A number with a fraction is shown with one decimal; None is shown as `-`."""


class AnalysisTable(Record):
    """One table of an analysis, with the lines above it."""

    name: str
    """Name of the analysis, as `--only` takes it."""
    title: str
    notes: tuple[str, ...] = ()
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class AnalysedRun:
    """A finished run: its name in the tables, settings, report and traces with known verdicts."""

    name: str
    config: RunConfig
    report: Report
    traces: Mapping[str, Trace]
    """By task id, in the dataset's order."""


def read_runs(paths: Sequence[Path]) -> tuple[AnalysedRun, ...]:
    """Return finished runs. Their names are those of their folders, or else the whole paths.

    Raises RunFolderError for a folder that is not a finished run, or has no judged problem.
    """
    distinct = list(dict.fromkeys(path.resolve() for path in paths))  # `latest` is a link
    names = [path.name for path in distinct]
    return tuple(
        _read(path, path.name if names.count(path.name) == 1 else path.as_posix())
        for path in distinct
    )


def _read(path: Path, name: str) -> AnalysedRun:
    folder = RunFolder.open(path)
    report = folder.report()
    if report is None:
        raise RunFolderError(f"{path}: the run is not finished; --resume it first")
    traces = {t.problem.task_id: t for t in folder.traces() if is_known(t)}
    if not traces:
        raise RunFolderError(f"{path}: no problem of the run has been judged")
    return AnalysedRun(name, settings_of(folder), report, traces)


def markdown(tables: Sequence[AnalysisTable]) -> str:
    """Return tables as Markdown, each under its title."""
    return "\n\n".join(map(_titled, tables)) + "\n"


def _titled(found: AnalysisTable) -> str:
    rows = ([shown(cell) for cell in row] for row in found.rows)
    notes = [escaped(note) for note in found.notes]
    return "\n\n".join([f"## {escaped(found.title)}", *notes, table(found.head, rows)])


def shown(cell: Cell) -> str:
    """Return a cell as Markdown."""
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) else escaped(cell)


def line_count(source: str) -> int:
    """Return the number of lines that are not empty."""
    return sum(bool(line.strip()) for line in source.splitlines())


def percent(part: float, whole: float) -> float | None:
    """Return a share in percent; None of nothing."""
    return 100 * part / whole if whole else None


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None without values."""
    return fmean(values) if values else None


def middle(values: Sequence[float]) -> float | None:
    """Return the median; None without values."""
    return float(median(values)) if values else None
