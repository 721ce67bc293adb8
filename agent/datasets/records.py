"""The records of a dataset, with all fields: the source of problems and hidden tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from agent.datasets.formats import humaneval_fields
from agent.datasets.jsonl import read_lines
from agent.errors import DatasetError
from agent.support.plugins import PluginFunction, PluginKind, is_path, line_of

BENCHMARKS = PluginKind(
    name="dataset",
    setting="dataset",
    package="agent.datasets.benchmarks",
    functions=(
        PluginFunction(
            "records",
            ("path",),
            "an iterable of mappings",
            lambda value, *_: hasattr(value, "__iter__") and not isinstance(value, (str, Mapping)),
        ),
        PluginFunction(
            "locate", (), "a Path", lambda value: isinstance(value, Path), is_optional=True
        ),
    ),
)
Numbered = tuple[str, Mapping[str, object]]
"""A record with its location: file and line, or the number of the record."""


@dataclass(frozen=True)
class RecordSource:
    """The origin of a dataset's records: a file, with the plug-in that reads it, if any."""

    name: str
    path: Path
    plugin: Any = None
    """The module that reads the file; None for a file in a format that `formats` knows."""

    def records(self) -> Iterator[Numbered]:
        """Yield the records with their locations, in the file's order. Raises DatasetError."""
        if self.plugin is None:
            for number, record in read_lines(self.path):
                where = f"{self.path}:{number}"
                yield where, humaneval_fields(record, where)
            return
        place = f"{self.name}:{line_of(self.plugin.records, self.name)}"
        for number, record in enumerate(self.plugin.records(self.path), start=1):
            where = f"{place}: record {number}"
            if not isinstance(record, Mapping):
                raise DatasetError(f"{where}: must be a mapping, not {type(record).__name__}")
            yield where, humaneval_fields(record, where)

    def sha256(self) -> str:
        """Return the hash of the file, or of the records that a plug-in given by path yields."""
        if not is_path(self.name):
            return hashlib.sha256(self.path.read_bytes()).hexdigest()
        digest = hashlib.sha256()
        for _, record in self.records():
            known = {str(key): value for key, value in record.items()}
            text = json.dumps(known, sort_keys=True, default=lambda value: type(value).__name__)
            digest.update(text.encode() + b"\n")
        return digest.hexdigest()


def source_of(name: str) -> RecordSource:
    """Return the source for a dataset's name, or for the path of a file or plug-in.

    Raises DatasetError if the dataset is unknown. The message lists the known names.
    """
    if is_path(name):
        plugin = BENCHMARKS.load(name)
        return RecordSource(name, getattr(plugin, "locate", partial(Path, name))(), plugin)
    if name in BENCHMARKS.names():
        plugin = BENCHMARKS.load(name)
        return RecordSource(name, plugin.locate(), plugin)
    path = Path(name)
    if path.is_file():
        return RecordSource(name, path)
    raise DatasetError(
        f"unknown dataset {name!r}: neither a file nor an available name "
        f"({', '.join(BENCHMARKS.names())})"
    )
