"""`python -m agent.show RUN` lists a run's problems and figures, `... RUN TASK` shows one trace."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.support.command import command, program

if TYPE_CHECKING:
    from agent.runner.folder import RunFolder


@command("agent.show")
def main(argv: list[str]) -> int:
    """Show a run, or one problem of it."""
    parser = argparse.ArgumentParser(
        prog=program("agent.show"),
        description="A run's problems and figures, or all that one problem's trace holds.",
    )
    parser.add_argument("run", metavar="RUN", type=Path, help="run folder")
    parser.add_argument(
        "task", metavar="TASK", nargs="?", help="task id (HumanEval/12), or its ending (12)"
    )
    parser.add_argument("--json", action="store_true", help="JSON instead of tables")
    arguments = parser.parse_args(argv)

    from rich.console import Console

    from agent.report.trace_view import print_trace
    from agent.runner.folder import RunFolder
    from agent.runner.lookup import find_trace

    folder = RunFolder.open(arguments.run)
    if arguments.task is None:
        _show_run(folder, as_json=arguments.json)
    elif arguments.json:
        _print_json(find_trace(folder, arguments.task).model_dump(mode="json"))
    else:
        print_trace(find_trace(folder, arguments.task), Console())
    return 0


def _show_run(folder: RunFolder, *, as_json: bool) -> None:
    from rich.console import Console

    from agent.report.problems import print_problems, results
    from agent.report.terminal import print_report

    lines = results(folder.traces())
    if as_json:
        _print_json([line.model_dump(mode="json") for line in lines])
        return
    console = Console()
    print_problems(lines, console)
    console.print()
    if (report := folder.report()) is not None:
        print_report(report, folder.path, console)
    else:
        total = len(folder.task_ids())
        console.print(f"not finished: {len(lines)} of {total} problems have a trace")


def _print_json(value: object) -> None:
    # ASCII only: whatever a model wrote, no control character reaches the terminal.
    print(json.dumps(value, indent=2))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
