"""Atomic writes of files, and the JSON formats of a run's files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader, even after a crash, sees the old content or all of the new."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write; the file takes the place of `path` if the block does not raise.

    Its name has the same suffix. A device or pipe is written itself.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    part = path.with_name(f"part-{os.getpid()}-{path.name}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def is_temporary(path: Path) -> bool:
    """Whether a path is a file that `write_atomically` left when its process was killed."""
    return re.fullmatch(r".+\.\d+\.tmp", path.name) is not None and path.is_file()


def dump_json(value: object) -> str:
    """Return a value as indented JSON, with keys in order of insertion."""
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


def dump_lines(values: Iterable[object]) -> str:
    """Return values as JSON lines: one per value."""
    return "".join(json.dumps(value, ensure_ascii=True) + "\n" for value in values)
