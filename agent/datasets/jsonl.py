"""Files of JSON objects, one per line or in one list, gzipped or not."""

from __future__ import annotations

import gzip
import json
import zlib
from codecs import BOM_UTF8
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from agent.errors import DatasetError


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the objects of a JSON lines file with their line numbers, from 1. Skip blank lines.

    A file that is one JSON list yields its objects, numbered from 1.

    A byte order mark at the start of a line is not part of it, as in files that were concatenated.
    Half a surrogate pair is read as such, whether it is escaped or not.
    Raises DatasetError with file and line number if a line is not a JSON object.
    """
    try:
        data = decompressed(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path}: cannot be read: {error}") from None
    for number, line in enumerate(_listed(data) or data.split(b"\n"), start=1):
        if not line.removeprefix(BOM_UTF8).strip():
            continue
        try:
            value = json.loads(line.removeprefix(BOM_UTF8).decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError as error:
            raise DatasetError(f"{path}:{number}: not UTF-8: {error}") from None
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{path}:{number}: not valid JSON: {error}") from None
        if not isinstance(value, dict):
            raise DatasetError(f"{path}:{number}: not a JSON object")
        yield number, value


def read_objects(path: Path) -> Iterator[dict[str, object]]:
    """Return the objects of a file alone. Raises DatasetError as `read_lines` does."""
    return (value for _, value in read_lines(path))


def _listed(data: bytes) -> list[bytes]:
    """Return the items of a file that is one JSON list; [] if it is not one."""
    if not data.removeprefix(BOM_UTF8).lstrip().startswith(b"["):
        return []
    with suppress(ValueError, RecursionError):
        return [json.dumps(item).encode() for item in json.loads(data.decode("utf-8-sig"))]
    return []


def decompressed(data: bytes) -> bytes:
    """Return the content of a file that may be gzipped. Raises what `gzip.decompress` raises."""
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def task_field(value: Mapping[str, object], tasks: Container[str], where: str) -> str:
    """Return the task of a line. Raises DatasetError, with `where`, if it is not among `tasks`."""
    task_id = text_field(value, "task_id", where)
    if task_id not in tasks:
        raise DatasetError(
            f"{where}: the dataset has no task {task_id!r}; name its dataset with --dataset"
        )
    return task_id


def text_field(value: Mapping[str, object], key: str, where: str) -> str:
    """Return a field that must be a string. Raises DatasetError, with `where`, if it is not one."""
    text = program_field(value, key, where)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise DatasetError(f"{where}: {key!r} has a lone surrogate") from None
    return text


def program_field(value: Mapping[str, object], key: str, where: str) -> str:
    """Return a field that must be a string and may have lone surrogates: a program to be judged.

    Python refuses such a program as a syntax error. Raises DatasetError, with `where`.
    """
    text = value.get(key)
    if not isinstance(text, str):
        raise DatasetError(f"{where}: {key!r} must be a string")
    return text
