"""Files of raw answers: one JSON object per line, with the text as the model gave it."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from agent.datasets.jsonl import program_field, read_lines, task_field
from agent.errors import DatasetError

_FIELDS = ("answer", "completion", "solution")
"""Fields with the text: ours, and those of recorded samples, which may be raw, too."""


def read_answers(path: Path, tasks: Container[str]) -> list[tuple[str, str]]:
    """Return task and text of each answer, in the file's order.

    An answer that is null is empty. A lone surrogate becomes `?`, as UTF-8 cannot encode it.
    Raises DatasetError, with file and line number, for a broken line or an unknown task.
    """
    answers = []
    for number, value in read_lines(path):
        where = f"{path}:{number}"
        task_id = task_field(value, tasks, where)
        key = next((name for name in _FIELDS if name in value), None)
        if key is None:
            raise DatasetError(f"{where}: has no 'answer'")
        text = "" if value[key] is None else program_field(value, key, where)
        answers.append((task_id, text.encode("utf-8", "replace").decode()))
    if not answers:
        raise DatasetError(f"{path}: has no answers")
    return answers
