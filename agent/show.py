"""Look into a run: `python -m agent.show RUN` lists problems, `... RUN TASK` shows one trace."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.trace import RunFolder

IDS_NAMED = 5


class UnknownTask(ValueError):  # noqa: N818 - the name states the condition
    """The run has no trace of the task; the message says what it has."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, 1 where the reader of stdout went away, 2 for bad input."""
    arguments = _parser().parse_args(argv)
    from agent.pipes import reader_left
    from agent.report.text import one_line
    from agent.trace import RunFolder, RunFolderError

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        _show(RunFolder.open(arguments.run), arguments.task, as_json=arguments.json)
        sys.stdout.flush()
    except (RunFolderError, UnknownTask) as error:
        print(f"agent.show: {one_line(str(error), 500)}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return reader_left()
    return 0


def find_task(folder: RunFolder, task: str) -> str:
    """The task id meant by a whole id, or by the part after a slash that only one id has.

    Raises UnknownTask where there is none, or more than one.
    """
    ids = folder.task_ids()
    if task in ids:
        return task
    ending = [name for name in ids if name.endswith(f"/{task}")]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise UnknownTask(f"{task!r} may mean any of {_some(ending)}")
    raise UnknownTask(f"no task {task!r} in this run; it has {_some(_nearest(task, ids))}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m agent.show",
        description="A run's problems and figures, or all that one problem's trace holds.",
    )
    parser.add_argument("run", metavar="RUN", type=Path, help="run folder")
    parser.add_argument(
        "task", metavar="TASK", nargs="?", help="task id (HumanEval/12), or its ending (12)"
    )
    parser.add_argument("--json", action="store_true", help="JSON instead of tables")
    return parser


def _show(folder: RunFolder, task: str | None, *, as_json: bool) -> None:
    if task is None:
        _show_run(folder, as_json=as_json)
    else:
        _show_trace(folder, find_task(folder, task), as_json=as_json)


def _show_run(folder: RunFolder, *, as_json: bool) -> None:
    from rich.console import Console

    from agent.report.problems import print_problems, results
    from agent.report.terminal import print_report

    lines = results(folder.traces())
    if as_json:
        _print_json([line.model_dump(mode="json") for line in lines])
        return
    console = Console()
    report = folder.report()
    print_problems(lines, console)
    console.print()
    if report is not None:
        print_report(report, folder.path, console)
    else:
        console.print(
            f"not finished: {len(lines)} of {len(folder.task_ids())} problems have a trace"
        )


def _show_trace(folder: RunFolder, task_id: str, *, as_json: bool) -> None:
    from rich.console import Console

    from agent.report.trace_view import print_trace

    try:
        trace = folder.trace(task_id)
    except KeyError:
        raise UnknownTask(f"{task_id} has no trace{_why_missing(folder, task_id)}") from None
    if as_json:
        _print_json(trace.model_dump(mode="json"))
    else:
        print_trace(trace, Console())


def _why_missing(folder: RunFolder, task_id: str) -> str:
    report = folder.report()
    unscored = report.unscored if report else ()
    errors = [problem.error for problem in unscored if problem.task_id == task_id]
    return f": it is unscored: {errors[0]}" if errors else " yet: the run did not get to it"


def _print_json(value: object) -> None:
    import json

    # ASCII only: whatever a model wrote, no control character reaches the terminal.
    print(json.dumps(value, indent=2))


def _nearest(task: str, ids: Sequence[str]) -> Sequence[str]:
    import difflib

    return difflib.get_close_matches(task, ids, n=IDS_NAMED, cutoff=0.6) or ids


def _some(ids: Sequence[str]) -> str:
    rest = f" and {len(ids) - IDS_NAMED} more" if len(ids) > IDS_NAMED else ""
    return ", ".join(ids[:IDS_NAMED]) + rest


if __name__ == "__main__":
    sys.exit(main())
