"""`python -m agent.show`: the runs of a folder, a run's problems and figures, or one trace."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.support.command import command
from agent.support.options import CommandParser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.runner.folder import RunFolder
    from agent.types import Record

HELP = """RUNS lists the runs in a folder; RUN lists the problems of a run and its figures; RUN TASK
shows one problem: prompt, drafts, tests, matrix, repairs, selection and verdict."""


@command("agent.show")
def main(argv: list[str]) -> int:
    """Show the runs of a folder, a run, or one problem of it."""
    options = CommandParser("agent.show", HELP)
    options.add_argument("run", metavar="RUN", type=Path, help="run folder, or a folder of runs")
    options.add_argument(
        "task", metavar="TASK", nargs="?", help="task id (HumanEval/12) or its ending (12)"
    )
    options.add_argument(
        "--full",
        action="store_true",
        help="show every prompt, answer and test in full, without folding lines",
    )
    options.add_argument("--json", action="store_true", help="print JSON instead of tables")
    chosen = options.parse_args(argv)

    from agent.runner.folder import RunFolder, runs_in

    if chosen.task is None and (runs := runs_in(chosen.run)):
        _show_runs(runs, as_json=chosen.json)
        return 0
    folder = RunFolder.open(chosen.run)
    if chosen.task is None:
        _show_run(folder, as_json=chosen.json)
    else:
        _show_trace(folder, chosen)
    return 0


def _show_runs(runs: Sequence[RunFolder], *, as_json: bool) -> None:
    from rich.console import Console

    from agent.report.runs import print_runs, run_result

    lines = [
        run_result(run.path.name, run.manifest(), len(run.task_ids()), run.report()) for run in runs
    ]
    if as_json:
        _print_records(lines)
    else:
        print_runs(lines, Console())


def _show_run(folder: RunFolder, *, as_json: bool) -> None:
    from rich.console import Console

    from agent.report.problems import print_problems, results
    from agent.report.terminal import print_report

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


def _show_trace(folder: RunFolder, chosen: argparse.Namespace) -> None:
    from rich.console import Console

    from agent.report.trace_view import print_trace
    from agent.report.widgets import View
    from agent.runner.lookup import find_trace

    trace = find_trace(folder, chosen.task)
    if chosen.json:
        _print_json(trace.model_dump(mode="json"))
    else:
        print_trace(trace, View(Console(), full=chosen.full))


def _print_records(records: Sequence[Record]) -> None:
    _print_json([record.model_dump(mode="json") for record in records])


def _print_json(value: object) -> None:
    # ASCII only: no control character that a model wrote reaches the terminal.
    print(json.dumps(value, indent=2))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
