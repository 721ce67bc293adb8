"""Types of datasets: `Dataset` has only public fields, a `Benchmark`'s records have all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from agent.types import Problem, Record


class Dataset(Record):
    """Problems in the order of their file, with the file's hash."""

    name: str
    sha256: str
    problems: tuple[Problem, ...]


def random_part(problems: Sequence[Problem], number: int | None, seed: int) -> tuple[Problem, ...]:
    """Return a random part of the problems, in their order; all of them if `number` is None.

    With the same seed, a larger part contains a smaller one, and the order of the dataset does not
    matter.
    """

    def rank(task_id: str) -> bytes:
        return hashlib.sha256(f"{seed} {task_id}".encode()).digest()

    drawn = {*sorted((problem.task_id for problem in problems), key=rank)[:number]}
    return tuple(problem for problem in problems if problem.task_id in drawn)


class Benchmark(Protocol):
    """The interface of a dataset plug-in: a module of `agent/datasets/benchmarks/`, or a file.

    A plug-in given by path may omit `locate`: `records` then gets the path of the plug-in itself.
    """

    def locate(self) -> Path:
        """Return the file with the records. Raises DatasetError if it does not exist."""
        ...

    def records(self, path: Path) -> Iterable[Mapping[str, object]]:
        """Return the records of a file, each with HumanEval's fields.

        The fields are the strings `task_id`, `prompt`, `entry_point` and `test`. The last defines
        `check(candidate)`. Raises DatasetError for a broken file.
        """
        ...
