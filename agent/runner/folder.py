"""The folder of a run: its files, each of which is written atomically."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from agent.errors import RunFolderError, UnwritableError
from agent.report.summary import Report
from agent.runner.lock import LOCK
from agent.runner.trace_check import misfit
from agent.support.files import dump_json, is_temporary, write_atomically
from agent.types import Record, Trace

LATEST = "latest"
"""Name of the link to the newest run of a folder of runs."""
FORMAT = 4
"""Format of new run folders. A folder without a format number is of format 1."""


class RunFolder:
    """One run on disk: config, manifest, store, traces, samples, results, summary, report."""

    def __init__(self, path: Path, task_ids: tuple[str, ...], format_: int = FORMAT):
        self.path = path
        self.format = format_
        self._task_ids = task_ids

    @classmethod
    def create(cls, path: Path, manifest: Mapping[str, object], config: str) -> RunFolder:
        """Make a new run. Raises RunFolderError if the folder is not empty or not writable."""
        try:
            path.mkdir(parents=True, exist_ok=True)
            refuse_used(path)
            (path / "traces").mkdir(exist_ok=True)
            write_atomically(path / "config.yaml", config)
            # Last, since the manifest is what makes a folder a run.
            write_atomically(path / "manifest.json", dump_json(manifest))
        except OSError as error:
            raise RunFolderError(f"{path}: cannot be written: {error.strerror}") from None
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open an existing run. Raises RunFolderError if the folder is not a readable run."""
        manifest = _read_manifest(path)
        tasks = manifest.get("tasks")
        if not isinstance(tasks, list):
            raise RunFolderError(f"{path}: not a run folder: its manifest.json lists no tasks")
        format_ = manifest.get("format", 1)
        if type(format_) is not int or not 1 <= format_ <= FORMAT:
            raise RunFolderError(
                f"{path}: is of format {format_!r:.40}; this version reads 1 to {FORMAT}"
            )
        return cls(path, tuple(str(task) for task in tasks), format_)

    def manifest(self) -> dict[str, object]:
        """Return the manifest: the tasks, and the versions, hashes and backends of the run."""
        return _read_manifest(self.path)

    def task_ids(self) -> tuple[str, ...]:
        """Return the ids of all tasks of the run, finished or not, in the dataset's order."""
        return self._task_ids

    def trace_path(self, task_id: str) -> Path:
        """Return the path of a problem's trace, which need not exist yet."""
        return self.path / "traces" / f"{file_name(task_id)}.json"

    def trace(self, task_id: str) -> Trace:
        """Return one problem's trace.

        Raises KeyError if it does not exist (yet), RunFolderError if it is broken.
        """
        path = self.trace_path(task_id)
        if not path.exists():
            raise KeyError(task_id)
        trace = _read_record(path, Trace)
        if part := misfit(trace, task_id):
            raise RunFolderError(f"{path}: not a trace of {task_id}: its {part!r} does not fit")
        return trace

    def traces(self) -> list[Trace]:
        """Return the traces that exist, in the dataset's order."""
        return [self.trace(task) for task in self._task_ids if self.trace_path(task).exists()]

    def write_trace(self, trace: Trace) -> None:
        """Write or replace one problem's trace. Raises UnwritableError."""
        path = self.trace_path(trace.problem.task_id)
        self._write(path, trace.model_dump_json(indent=1) + "\n")

    def report(self) -> Report | None:
        """Return the figures of a finished run; None if the run is not finished."""
        path = self.path / "summary.json"
        return _read_record(path, Report) if path.exists() else None

    def write(self, name: str, text: str) -> None:
        """Write one of the run's other files. Raises UnwritableError."""
        self._write(self.path / name, text)

    def _write(self, path: Path, text: str) -> None:
        try:
            write_atomically(path, text)
        except OSError as error:
            raise UnwritableError(f"{path}: cannot be written: {error.strerror}") from None


def refuse_used(path: Path) -> None:
    """Raise RunFolderError if a folder holds anything that a new run must not overwrite."""
    if path.is_dir() and not _is_half_made(path):
        raise RunFolderError(f"{path}: not empty; give another --out, or --resume it")


def _is_half_made(path: Path) -> bool:
    """Whether a folder holds nothing except files of an interrupted `create`."""
    names = {entry.name for entry in path.iterdir() if not is_temporary(entry)}
    return names <= {"traces", "config.yaml", LOCK} and not any(path.glob("traces/*"))


def new_folder(parent: Path) -> Path:
    """Make a folder named after the current time, to the second, with a suffix if it is taken.

    Two processes never get the same folder.

    Raises RunFolderError if the parent is not writable.
    """
    name, number = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S"), 1
    while True:
        path = parent / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise RunFolderError(f"{path}: cannot be created: {error.strerror}") from None
        else:
            return path


def point_latest_at(path: Path) -> None:
    """Let the link `latest` beside a run folder point at it.

    A file or folder that is named `latest` and is not a link stays as it is.
    """
    link, fresh = path.parent / LATEST, path.parent / f"{LATEST}.{os.getpid()}.tmp"
    if link.exists() and not link.is_symlink():
        return
    with suppress(OSError):  # a file system without links
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(path.name)
        fresh.replace(link)


def runs_in(parent: Path) -> list[RunFolder]:
    """Return the runs in a folder, in the order of their names. Links are skipped.

    A folder whose manifest is not a run's is skipped, too; a run has no runs in it.
    """
    if (parent / "manifest.json").exists():
        return []  # a run itself
    paths = [path.parent for path in sorted(parent.glob("*/manifest.json"))]
    runs = []
    for path in paths:
        with suppress(RunFolderError):  # another program's manifest
            if not path.is_symlink():
                runs.append(RunFolder.open(path))
    return runs


def file_name(task_id: str) -> str:
    """Return a file name for a task id: readable for a usual id, else a hash."""
    if re.fullmatch(r"[A-Za-z0-9.-]{1,80}(/[A-Za-z0-9.-]{1,80})?", task_id):
        return task_id.replace("/", "_")
    return "task_" + hashlib.sha256(task_id.encode()).hexdigest()[:32]


RecordT = TypeVar("RecordT", bound=Record)


def _read_record(path: Path, kind: type[RecordT]) -> RecordT:
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        raise RunFolderError(f"{path}: not a {kind.__name__.lower()}: {problem}") from None
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read: {error.strerror}") from None


def _read_manifest(path: Path) -> dict[str, object]:
    try:
        value = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise RunFolderError(f"{path}: not a run folder: no manifest.json in it") from None
    except (OSError, ValueError, RecursionError) as error:
        raise RunFolderError(f"{path}/manifest.json: cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise RunFolderError(f"{path}/manifest.json: broken: not a JSON object")
    return value
