"""The problems of a study: each arm's verdict, and the address of its page of the problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from agent.report.web import PAGE
from agent.report.web.problem_data import hidden_words
from agent.support.safe_text import visible
from experiments.studies.analysis import ArmRun


class GridCell(NamedTuple):
    """The answer of one arm to one problem."""

    arm: str
    kind: str
    mark: str
    verdict: str
    """`passed`, or the outcome on the hidden tests."""
    address: str
    """The problem's page, relative to the study's folder."""


class GridRow(NamedTuple):
    """One problem."""

    task_id: str
    entry_point: str
    cells: tuple[GridCell | None, ...]
    """One for each arm; None if the arm has no verdict."""

    @property
    def differs(self) -> bool:
        """Whether some arms solve the problem and others do not."""
        return len({cell.kind for cell in self.cells if cell is not None}) > 1


def problem_grid(runs: Sequence[ArmRun]) -> list[GridRow]:
    """Return a row for each problem that any arm scored; those on which arms differ come first."""
    tasks = dict.fromkeys(task for run in runs for task in run.traces)
    rows = []
    for task in tasks:
        problem = next(run.traces[task].problem for run in runs if task in run.traces)
        cells = tuple(_cell(run, task) for run in runs)
        rows.append(GridRow(visible(task), visible(problem.entry_point), cells))
    return sorted(rows, key=lambda row: not row.differs)


def page_address(folder: str, fragment: str = "") -> str:
    """Return the address of a run's page, or of a problem in it, relative to the study's folder.

    The colon is quoted, so that no name begins with a URL scheme.
    """
    return quote(f"./{folder}/{PAGE}") + (f"#{quote(fragment)}" if fragment else "")


def _cell(run: ArmRun, task: str) -> GridCell | None:
    trace = run.traces.get(task)
    if trace is None:
        return None
    verdict = hidden_words(trace, trace.choice.candidate)
    kind, mark = ("right", "✓") if verdict == "passed" else ("wrong", "✗")
    return GridCell(
        visible(run.arm.name), kind, mark, verdict, page_address(run.folder, visible(task))
    )
