"""The lock of a run folder: one process works in it at a time."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import RunFolderError

LOCK = "lock"
"""Name of the lock file. The file stays in the folder; the lock ends with its process."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which is created if it does not exist.

    Removes the temporary files that a killed process left. Raises RunFolderError if another process
    holds the lock (the message names the process and its host), or if the folder is not writable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise RunFolderError(f"{folder}: cannot be written: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read(200).strip() or "another process"
            raise RunFolderError(
                f"{folder}: in use by {holder}; wait for it to end, or use another folder"
            ) from None
        except OSError as error:
            raise RunFolderError(f"{folder}: cannot be locked: {error.strerror}") from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        for half_written in (*folder.glob("*.tmp"), *folder.glob("traces/*.tmp")):
            half_written.unlink(missing_ok=True)
        try:
            yield
        finally:
            file.truncate(0)
