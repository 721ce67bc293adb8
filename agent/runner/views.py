"""The views of runs, of a run and of a trace, as tables or as JSON on stdout."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console

from agent.errors import RunFolderError
from agent.report.problems import print_problems, results
from agent.report.runs import print_runs, run_result
from agent.report.summary import Report
from agent.report.terminal import print_report
from agent.report.trace_view import print_trace
from agent.report.widgets import View
from agent.runner.folder import RunFolder
from agent.runner.lookup import find_trace
from agent.support.command import complain
from agent.types import Record


def show_runs(runs: Sequence[RunFolder], *, as_json: bool) -> None:
    """Print a list of runs, a line per run."""
    lines = [
        run_result(run.path.name, run.manifest(), len(run.task_ids()), _report(run)) for run in runs
    ]
    if as_json:
        _print_records(lines)
    else:
        print_runs(lines, Console())


def _report(run: RunFolder) -> Report | None:
    """Return the figures of a run; None if it is not finished, or if their file is broken."""
    try:
        return run.report()
    except RunFolderError as error:
        complain("agent.show", error)
        return None


def show_run(folder: RunFolder, *, as_json: bool) -> None:
    """Print a run: a line per problem, then its figures if it is finished."""
    lines = results(folder.traces())
    if as_json:
        _print_records(lines)
        return
    console = Console()
    print_problems(lines, console)
    console.print()
    if (report := folder.report()) is not None:
        print_report(report, folder.path, console)
    else:
        total = len(folder.task_ids())
        console.print(f"not finished: {len(lines)} of {total} problems have a trace")


def show_trace(folder: RunFolder, task: str, *, as_json: bool, full: bool) -> None:
    """Print the trace of a problem. Raises UnknownProblemError if the run does not have it."""
    trace = find_trace(folder, task)
    if as_json:
        _print_json(trace.model_dump(mode="json"))
    else:
        print_trace(trace, View(Console(), full=full))


def _print_records(records: Sequence[Record]) -> None:
    _print_json([record.model_dump(mode="json") for record in records])


def _print_json(value: object) -> None:
    # ASCII only: no control character that a model wrote reaches the terminal.
    print(json.dumps(value, indent=2))
