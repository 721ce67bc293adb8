"""A cache on disk of values that are expensive to compute, by a hash of their inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from agent.support.files import write_atomically

Found = TypeVar("Found", float, list[bool])


class DiskCache:
    """Values by the hash of their inputs. A file that is not valid JSON is replaced on `save`."""

    def __init__(self, path: Path):
        self._path = path
        self._values: dict[str, Any] = {}
        try:
            values = json.loads(path.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return
        if isinstance(values, dict):
            self._values = values

    async def value(self, made_from: object, find: Callable[[], Awaitable[Found]]) -> Found:
        """Return the value for `made_from`, which must be JSON; `find` computes it once."""
        text = json.dumps(made_from, ensure_ascii=True)
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in self._values:
            self._values[key] = await find()
        found: Found = self._values[key]
        return found

    def save(self) -> None:
        """Write all values to the file."""
        write_atomically(self._path, json.dumps(self._values, sort_keys=True))
