"""The lock of a run folder: one process works in it at a time."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from agent.errors import RunFolderError
from agent.support.files import is_temporary

LOCK = "lock"
"""Name of the lock file. The file stays in the folder; the lock ends with its process."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which is created if it does not exist.

    Removes the temporary files that a killed process left. Raises RunFolderError if another process
    holds the lock (the message names the process and its host), or if the folder is not writable.
    """
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip()
            raise RunFolderError(
                f"{folder}: in use by {holder or 'another process'}; wait for it to end, or use "
                "another folder"
            ) from None
        except OSError as error:
            raise RunFolderError(f"{folder}: cannot be written: {error.strerror}") from None
        stack.callback(os.ftruncate, descriptor, 0)
        for path in (*folder.glob("*.tmp"), *folder.glob("traces/*.tmp")):
            if is_temporary(path):
                path.unlink(missing_ok=True)
        yield
