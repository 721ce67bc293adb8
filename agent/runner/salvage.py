"""A run of which parts may be missing: what can be read, and what is missing in words."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import RunFolderError
from agent.report.build import build_report
from agent.report.summary import Report
from agent.runner.folder import RunFolder
from agent.types import Trace

_NAMED = 5
"""Largest number of problems that a line names."""


@dataclass(frozen=True)
class SalvagedRun:
    """The readable parts of a run, finished or not."""

    folder: RunFolder
    manifest: Mapping[str, object]
    traces: tuple[Trace, ...]
    report: Report
    """The figures; of a run that is not finished, those of the problems that are scored."""
    missing: tuple[str, ...]
    """A line for each thing that is missing."""


def salvage(path: Path) -> SalvagedRun:
    """Return what can be read of a run. Raises RunFolderError if that is nothing."""
    try:
        folder = RunFolder.open(path)
        manifest, missing = folder.manifest(), list[str]()
    except RunFolderError as error:
        tasks = _tasks_of_traces(path)
        if not tasks:
            raise
        folder, manifest = RunFolder(path, tasks), {}
        missing = [f"The run's manifest cannot be read: {error}"]
    traces, damaged = _traces(folder)
    report = None
    try:
        report = folder.report()
        if report is None:
            all_of = f"{len(traces)} of its {len(folder.task_ids())} problems"
            missing.append(f"The run is not finished: {all_of} are here.")
    except RunFolderError as error:
        missing.append(f"The figures are made again from the traces: {error}")
    if report is not None:
        unscored = {one.task_id for one in report.unscored}
        missing += _gone(folder, {trace.problem.task_id for trace in traces} | unscored)
    missing += damaged
    report = report or _report_so_far(traces, manifest)
    return SalvagedRun(folder, manifest, tuple(traces), report, tuple(missing))


def _traces(folder: RunFolder) -> tuple[list[Trace], list[str]]:
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


def _gone(folder: RunFolder, known: Collection[str]) -> Iterator[str]:
    """Yield a line on the problems of a finished run whose traces are not there."""
    there = folder.trace_path
    gone = [task for task in folder.task_ids() if task not in known and not there(task).exists()]
    if gone:
        names = ", ".join(gone[:_NAMED]) + (", ..." if len(gone) > _NAMED else "")
        yield (
            f"The traces of {len(gone)} of the run's problems are missing ({names}): lists and"
            " charts lack them, figures do not."
        )


def _tasks_of_traces(path: Path) -> tuple[str, ...]:
    """Return the tasks of the traces in a folder, in the order of their names and numbers."""
    found = []
    for file in (path / "traces").glob("*.json"):
        try:
            found.append(str(json.loads(file.read_bytes())["problem"]["task_id"]))
        except (OSError, ValueError, LookupError, TypeError):
            continue  # a damaged trace names no task

    def order(task: str) -> list[tuple[int, str]]:
        parts = re.findall(r"\d+|\D+", task)
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]

    return tuple(sorted(found, key=order))


def _report_so_far(traces: Sequence[Trace], manifest: Mapping[str, object]) -> Report:
    """Return the figures of the problems that are scored; of no time, which is not known."""
    dataset, sandbox = manifest.get("dataset"), manifest.get("sandbox")
    return build_report(
        [trace for trace in traces if trace.score is not None],
        dataset=str(dataset.get("name")) if isinstance(dataset, dict) else "unknown",
        model=str(manifest.get("model", "unknown")),
        sandbox=str(sandbox.get("backend")) if isinstance(sandbox, dict) else "unknown",
        starts=(),
        unscored=(),
    )
