"""Datasets by name, by file or by plug-in: the public parts only.

`load` creates problems from the public fields of a dataset's records. `agent.evaluation.hidden`
creates the hidden tests from the same records; no module inside the loop can import it.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.datasets.base import Dataset
from agent.datasets.jsonl import text_field
from agent.datasets.records import BENCHMARKS, source_of
from agent.errors import DatasetError
from agent.types import Problem

__all__ = ["BENCHMARKS", "Dataset", "DatasetError", "load"]


def load(name: str) -> Dataset:
    """Return the problems of a dataset, in its order. Hidden fields are not kept in memory.

    Raises DatasetError if the dataset does not exist or a record is broken.
    """
    source = source_of(name)
    problems: dict[str, Problem] = {}
    for where, record in source.records():
        problem = public_fields(record, where)
        if problem.task_id in problems:
            raise DatasetError(f"{where}: duplicate task_id {problem.task_id!r}")
        problems[problem.task_id] = problem
    if not problems:
        raise DatasetError(f"{source.path}: has no problems")
    return Dataset(name=name, sha256=source.sha256(), problems=tuple(problems.values()))


def public_fields(record: Mapping[str, object], where: str) -> Problem:
    """Return the problem of a record. Raises DatasetError, with `where`, for a broken field."""
    return Problem(
        task_id=text_field(record, "task_id", where),
        prompt=text_field(record, "prompt", where),
        entry_point=text_field(record, "entry_point", where),
    )
