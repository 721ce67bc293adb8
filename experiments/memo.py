"""Values that were expensive to find, kept on disk under what they were made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent.trace import write_atomically


class Memo:
    """Numbers by what they follow from. A file that cannot be read is begun anew."""

    def __init__(self, path: Path):
        self._path = path
        self._values: dict[str, float] = {}
        try:
            self._values = json.loads(path.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            self._values = {}

    async def value(self, made_from: object, find: Callable[[], Awaitable[float]]) -> float:
        """The number that follows from `made_from`, which JSON can hold; found only once."""
        text = json.dumps(made_from, ensure_ascii=True)
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in self._values:
            self._values[key] = await find()
        return self._values[key]

    def save(self) -> None:
        """Write all that is known."""
        write_atomically(self._path, json.dumps(self._values, sort_keys=True))
