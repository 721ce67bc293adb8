"""`python -m agent.show`: the runs of a folder, a run's problems and figures, or one trace."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.support.command import command
from agent.support.options import CommandParser

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

    from agent.runner import views
    from agent.runner.folder import RunFolder, runs_in

    if chosen.task is None and (runs := runs_in(chosen.run)):
        views.show_runs(runs, as_json=chosen.json)
        return 0
    folder = RunFolder.open(chosen.run)
    if chosen.task is None:
        views.show_run(folder, as_json=chosen.json)
    else:
        views.show_trace(folder, chosen.task, as_json=chosen.json, full=chosen.full)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
