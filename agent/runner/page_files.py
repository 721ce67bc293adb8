"""The page of a run, written into its folder: of all that is there, with what is missing on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.errors import UnwritableError
from agent.report.summary import Report
from agent.report.web import PAGE
from agent.report.web.run_data import Price
from agent.report.web.run_page import run_page
from agent.runner.folder import FORMAT, RunFolder
from agent.runner.salvage import SalvagedRun, salvage
from agent.types import Trace


def write_page(path: Path, price: Price | None = None) -> Path:
    """Write the page of a run from its folder, and return the path.

    What cannot be read is left out, and named at the top of the page. Raises UnwritableError, and
    RunFolderError if nothing of the run can be read.
    """
    found = salvage(path)
    _write(found.folder, _files(found, price))
    return path / PAGE


def write_finished(
    folder: RunFolder, traces: Sequence[Trace], report: Report, manifest: Mapping[str, object]
) -> None:
    """Write the page of a run that has just finished. Raises UnwritableError."""
    _write(folder, run_page(folder.path.resolve().name, traces, report, manifest))


def page_of(path: str | Path, *, live: bool = False) -> dict[str, str]:
    """Return the files of a run's page by name, for a server.

    A live page asks for `stamp` every other second, which the server has to make, and if that has
    changed, for `data` and the other files again. Raises RunFolderError if the folder is not a run.
    """
    return _files(salvage(Path(path)), live=live)


def _files(run: SalvagedRun, price: Price | None = None, *, live: bool = False) -> dict[str, str]:
    name, missing, number = run.folder.path.resolve().name, run.missing, run.folder.format
    if number < FORMAT:
        missing += (f"The run is of format {number}, and lacks what later ones have.",)
    return run_page(name, run.traces, run.report, run.manifest, missing, price, live=live)


def _write(folder: RunFolder, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder.path / name
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise UnwritableError(f"{path}: cannot be written: {error.strerror}") from None
        folder.write(name, text)
