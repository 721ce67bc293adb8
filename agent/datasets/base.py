"""A dataset, and its file's records: one has the public fields alone, the other all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from agent.types import Problem, Record


class Dataset(Record):
    """Problems in the file's order, and the hash of the file that they came from."""

    name: str
    sha256: str
    problems: tuple[Problem, ...]


class Benchmark(Protocol):
    """The interface of a dataset file: a plug-in of `agent/datasets/benchmarks/`, or one by path.

    A file that is asked for by its path may leave `locate` out: `records` is then given the path of
    the plug-in itself.
    """

    def locate(self) -> Path:
        """Return the file that the records are in. Raises DatasetError if it is not there."""
        ...

    def records(self, path: Path) -> Iterable[Mapping[str, object]]:
        """Return the records of a file, each with HumanEval's fields.

        These are the texts `task_id`, `prompt`, `entry_point` and `test`, which defines
        `check(candidate)`. Raises DatasetError for a broken file.
        """
        ...
