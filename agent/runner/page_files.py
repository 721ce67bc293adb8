"""The page of a run, written into its folder: of all that is there, with what is missing on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.errors import RunFolderError, UnwritableError
from agent.report.build import build_report
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
    _write(folder, _files(folder, price))
    return folder.path / PAGE


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
    return _files(RunFolder.open(Path(path)), live=live)


def _files(folder: RunFolder, price: Price | None = None, *, live: bool = False) -> dict[str, str]:
    traces, missing = _readable(folder)
    report, manifest = None, folder.manifest()
    try:
        report = folder.report()
        if report is None:
            all_of = f"{len(traces)} of its {len(folder.task_ids())} problems"
            missing.insert(0, f"The run is not finished: {all_of} are here.")
    except RunFolderError as error:
        missing.append(f"The figures are made again from the traces: {error}")
    report = report or _report_so_far(traces, manifest)
    if folder.format < FORMAT:
        missing.append(f"The run is of format {folder.format}, and lacks what later ones have.")
    return run_page(folder.path.resolve().name, traces, report, manifest, missing, price, live=live)


def _report_so_far(traces: Sequence[Trace], manifest: Mapping[str, object]) -> Report:
    """Return the figures of the problems that are scored; of no time, which is not known."""
    dataset, sandbox = manifest.get("dataset"), manifest.get("sandbox")
    return build_report(
        [trace for trace in traces if trace.score is not None],
        dataset=str(dataset["name"]) if isinstance(dataset, dict) else "unknown",
        model=str(manifest.get("model", "unknown")),
        sandbox=str(sandbox["backend"]) if isinstance(sandbox, dict) else "unknown",
        starts=(),
        unscored=(),
    )


def _write(folder: RunFolder, files: Mapping[str, str]) -> None:
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
