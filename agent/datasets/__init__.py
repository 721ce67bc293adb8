"""Datasets by name or by file. One file a dataset.

`load` gives the problems and `load_hidden` the hidden tests. They are two functions because only
`agent.score`, and `agent.audit` after it, may call the second.
"""

from __future__ import annotations

from pathlib import Path

from agent.datasets.base import Dataset, DatasetError, HiddenTest
from agent.datasets.humaneval import human_eval_file
from agent.datasets.jsonl import read_hidden, read_problems

__all__ = ["NAMES", "Dataset", "DatasetError", "HiddenTest", "load", "load_hidden", "locate"]

_FILES = {"humaneval": human_eval_file}

NAMES = tuple(_FILES)
"""The datasets that have a name; every other value is the path of a JSON lines file."""


def locate(name: str) -> Path:
    """The file behind a dataset's name or path.

    Raises DatasetError where neither exists; the message lists the names that do.
    """
    if name in _FILES:
        return _FILES[name]()
    path = Path(name)
    if path.is_file():
        return path
    raise DatasetError(
        f"unknown dataset {name!r}: neither a file nor one of the names that exist "
        f"({', '.join(NAMES)})"
    )


def load(name: str) -> Dataset:
    """Problems of a dataset, without anything hidden."""
    return read_problems(locate(name), name)


def load_hidden(name: str) -> dict[str, HiddenTest]:
    """Hidden tests by task id. For `agent.score` and `agent.audit` only: never inside the loop."""
    return read_hidden(locate(name))
