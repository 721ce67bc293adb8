"""What a dataset is."""

from __future__ import annotations

from agent.types import Problem, Record


class Dataset(Record):
    """Problems in the file's order, and the hash of the file that they came from."""

    name: str
    sha256: str
    problems: tuple[Problem, ...]


class HiddenTest(Record):
    """The benchmark's own test of one problem: nothing inside the loop takes this type."""

    task_id: str
    source: str
    """Python source that tests the entry point."""
    entry_point: str
    prelude: str
    """The prompt's own imports and helper functions, for the test to use."""


class DatasetError(ValueError):
    """The dataset does not exist or its file is broken."""
