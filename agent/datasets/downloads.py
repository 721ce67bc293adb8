"""Files of benchmarks: found in the cache folder, or downloaded into it."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from agent.datasets.jsonl import decompressed
from agent.errors import DatasetError
from agent.support.files import write_atomically

FOLDER = "CODELOOP_DATA"
"""Variable with the cache folder; by default codeloop/ in $XDG_CACHE_HOME or ~/.cache."""
_SECONDS = 60.0


def cache_folder() -> Path:
    """Return the folder with benchmarks' files; it need not exist."""
    if given := os.environ.get(FOLDER):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "codeloop"


class BenchmarkFile(NamedTuple):
    """A published file. It may lie in the cache folder as it is or gzipped, `.gz` at its name."""

    name: str
    sha256: str
    """Hash of the unpacked file."""
    url: str

    def locate(self) -> Path:
        """Return the path of the file, which is downloaded if the cache folder lacks it.

        Raises DatasetError if it cannot be downloaded, is not the published one or cannot be kept.
        """
        folder = cache_folder()
        for name in (self.name, f"{self.name}.gz"):
            if (folder / name).is_file():
                return folder / name
        where = f"put {self.name} or {self.name}.gz into {folder} (or set ${FOLDER})"
        try:
            with urlopen(self.url, timeout=_SECONDS) as answer:
                data = decompressed(answer.read())
        except (OSError, EOFError, zlib.error) as error:
            raise DatasetError(f"{self.url} cannot be downloaded ({error}): {where}") from None
        if (found := hashlib.sha256(data).hexdigest()) != self.sha256:
            raise DatasetError(f"{self.url} has another checksum, {found}: {where}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / self.name, data.decode())
        except OSError as error:
            raise DatasetError(f"{folder}: cannot be written: {error}") from None
        return folder / self.name
