"""The page of a run, written into its folder: of all that is there, with what is missing on top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.errors import RunFolderError, UnwritableError
from agent.report.summary import Report
from agent.report.web import PAGE
from agent.report.web.run_data import Price
from agent.report.web.run_page import run_page
from agent.runner.folder import FORMAT, RunFolder
from agent.types import Trace


def write_page(folder: RunFolder, price: Price | None = None) -> Path:
    """Write the page of a run from its folder, and return the path.

    What cannot be read is left out, and named at the top of the page. Raises UnwritableError.
    """
    traces, missing = _readable(folder)
    report: Report | None = None
    try:
        report = folder.report()
        if report is None:
            missing.insert(0, f"The run is not finished: {len(traces)} of its problems are here.")
    except RunFolderError as error:
        missing.append(f"The figures are made again from the traces: {error}")
    if folder.format < FORMAT:
        missing.append(f"The run is of format {folder.format}, and lacks what later ones have.")
    write_files(folder, traces, report, missing, price)
    return folder.path / PAGE


def write_files(
    folder: RunFolder,
    traces: Sequence[Trace],
    report: Report | None,
    missing: Sequence[str] = (),
    price: Price | None = None,
) -> None:
    """Write the files of a run's page. Raises UnwritableError."""
    files = run_page(folder.path.name, traces, report, folder.manifest(), missing, price)
    for name, text in files.items():
        path = folder.path / name
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise UnwritableError(f"{path}: cannot be written: {error.strerror}") from None
        folder.write(name, text)


def _readable(folder: RunFolder) -> tuple[list[Trace], list[str]]:
    """Return the traces that can be read, and a line for each that cannot."""
    traces, missing = [], []
    for task in folder.task_ids():
        try:
            traces.append(folder.trace(task))
        except KeyError:
            continue
        except RunFolderError as error:
            missing.append(f"{task} is left out: {error}")
    return traces, missing
