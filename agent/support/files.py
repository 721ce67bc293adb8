"""Atomic writes of files, and the JSON formats of a run's files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader, even after a crash, sees the old content or all of the new."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def is_temporary(path: Path) -> bool:
    """Whether a path is a file that `write_atomically` left when its process was killed."""
    return re.fullmatch(r".+\.\d+\.tmp", path.name) is not None and path.is_file()


def dump_json(value: object) -> str:
    """Return a value as indented JSON, with keys in order of insertion."""
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


def dump_lines(values: Iterable[object]) -> str:
    """Return values as JSON lines: one per value."""
    return "".join(json.dumps(value, ensure_ascii=True) + "\n" for value in values)
