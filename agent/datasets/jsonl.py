"""Files in HumanEval's format: a JSON object a line, gzipped or not."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from agent.datasets.base import Dataset, DatasetError, HiddenTest
from agent.parsing.source import prelude
from agent.types import Problem


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """The objects of a JSON lines file with their line numbers, counted from 1; blank lines pass.

    Raises DatasetError with file and line number where a line is no JSON object.
    """
    try:
        text = _decompressed(path).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: cannot be read: {error}") from None
    # Not splitlines: JSON may hold other ends of line, such as U+2028, inside a string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{path}:{number}: not JSON: {error}") from None
        if not isinstance(value, dict):
            raise DatasetError(f"{path}:{number}: not a JSON object")
        yield number, value


def _decompressed(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def text_field(value: dict[str, object], key: str, where: str) -> str:
    """A field that must be a string. Raises DatasetError, which says `where`, if it is not."""
    text = value.get(key)
    if not isinstance(text, str):
        raise DatasetError(f"{where}: {key!r} must be a string")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise DatasetError(f"{where}: {key!r} holds half a surrogate pair") from None
    return text


def read_problems(path: Path, name: str) -> Dataset:
    """Problems of a file, in its order. Hidden fields are not even kept in memory."""
    problems: dict[str, Problem] = {}
    for number, value in read_lines(path):
        where = f"{path}:{number}"
        problem = Problem(
            task_id=text_field(value, "task_id", where),
            prompt=text_field(value, "prompt", where),
            entry_point=text_field(value, "entry_point", where),
        )
        if problem.task_id in problems:
            raise DatasetError(f"{where}: task_id {problem.task_id!r} stands twice")
        problems[problem.task_id] = problem
    if not problems:
        raise DatasetError(f"{path}: no problem in it")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Dataset(name=name, sha256=digest, problems=tuple(problems.values()))


def read_hidden(path: Path) -> dict[str, HiddenTest]:
    """Hidden tests of a file, by task id."""
    hidden: dict[str, HiddenTest] = {}
    for number, value in read_lines(path):
        where = f"{path}:{number}"
        task_id = text_field(value, "task_id", where)
        test = text_field(value, "test", where)
        entry_point = text_field(value, "entry_point", where)
        hidden[task_id] = HiddenTest(
            task_id=task_id,
            source=f"{test}\ncheck({entry_point})\n",
            entry_point=entry_point,
            prelude=prelude(text_field(value, "prompt", where)),
        )
    return hidden
