"""Finding one problem's trace in a run, by as much of its task id as tells it from the others."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from agent.errors import UnknownProblemError
from agent.runner.folder import RunFolder
from agent.types import Trace

IDS_NAMED = 5


def find_trace(folder: RunFolder, task: str) -> Trace:
    """Return the trace of a problem. Raises UnknownProblemError, which says why there is none."""
    task_id = find_task(folder.task_ids(), task, "this run")
    try:
        return folder.trace(task_id)
    except KeyError:
        why = _why_missing(folder, task_id)
        raise UnknownProblemError(f"{task_id} has no trace{why}") from None


def find_task(ids: Sequence[str], task: str, where: str) -> str:
    """Return the task id meant by a whole id, or by the part after a slash that only one id has.

    `where` names what has the ids. Raises UnknownProblemError if no id is meant, or more than one.
    """
    if task in ids:
        return task
    ending = [name for name in ids if name.endswith(f"/{task}")]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise UnknownProblemError(f"{task!r} may mean any of {_some(ending)}")
    raise UnknownProblemError(f"no task {task!r} in {where}; it has {_some(_nearest(task, ids))}")


def _why_missing(folder: RunFolder, task_id: str) -> str:
    report = folder.report()
    unscored = report.unscored if report else ()
    errors = [problem.error for problem in unscored if problem.task_id == task_id]
    return f": it is unscored: {errors[0]}" if errors else " yet: the run did not get to it"


def _nearest(task: str, ids: Sequence[str]) -> Sequence[str]:
    return difflib.get_close_matches(task, ids, n=IDS_NAMED, cutoff=0.6) or ids


def _some(ids: Sequence[str]) -> str:
    rest = f" and {len(ids) - IDS_NAMED} more" if len(ids) > IDS_NAMED else ""
    return ", ".join(ids[:IDS_NAMED]) + rest
