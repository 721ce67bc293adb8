"""Lookup of a problem in a run by its task id, or by a unique ending of the id."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from agent.errors import UnknownProblemError
from agent.runner.folder import RunFolder
from agent.types import Trace

IDS_NAMED = 5
"""Maximum number of task ids to name in a message."""


def find_trace(folder: RunFolder, task: str) -> Trace:
    """Return the trace of a problem. Raises UnknownProblemError, with the reason, if absent."""
    task_id = find_task(folder.task_ids(), task, "this run")
    try:
        return folder.trace(task_id)
    except KeyError:
        why = _why_missing(folder, task_id)
        raise UnknownProblemError(f"{task_id} has no trace{why}") from None


def find_task(ids: Sequence[str], task: str, where: str) -> str:
    """Return the id that `task` names: a whole id, or the part after a slash if only one id has it.

    `where` names the source of the ids in messages. Raises UnknownProblemError if no id matches, or
    more than one.
    """
    if task in ids:
        return task
    ending = [name for name in ids if name.endswith(f"/{task}")]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise UnknownProblemError(f"{task!r} is ambiguous: it matches {_some(ending)}")
    raise UnknownProblemError(f"no task {task!r} in {where}; it has {_some(_nearest(task, ids))}")


def _why_missing(folder: RunFolder, task_id: str) -> str:
    report = folder.report()
    unscored = report.unscored if report else ()
    errors = [problem.error for problem in unscored if problem.task_id == task_id]
    return f": it is unscored: {errors[0]}" if errors else " yet: the run has not reached it"


def _nearest(task: str, ids: Sequence[str]) -> Sequence[str]:
    return difflib.get_close_matches(task, ids, n=IDS_NAMED, cutoff=0.6) or ids


def _some(ids: Sequence[str]) -> str:
    rest = f" and {len(ids) - IDS_NAMED} more" if len(ids) > IDS_NAMED else ""
    return ", ".join(ids[:IDS_NAMED]) + rest
