"""Cleanup after a program: kills its processes and removes its files."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import time
from collections.abc import Callable

_KILL_SECONDS = 5.0
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def end_survivors(zygote: int, reap: Callable[[], bool], patience: float = _KILL_SECONDS) -> bool:
    """Kill every remaining descendant of the zygote. Return False if one is left after `patience`.

    Orphans become children of the zygote, which is a subreaper. `reap` makes it reap those that
    have exited, and returns whether it has no other children. `patience` is in seconds.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        for pid in _descendants(zygote):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if reap():
            return True
        time.sleep(0.001)
    return False


def reap() -> bool:
    """Reap exited children. Return True if no children are left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def _descendants(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parents[int(name)] = int(file.read().rsplit(b")", 1)[1].split()[1])
            except OSError:
                continue
    found = [root]
    for pid in found:  # the list grows during the loop
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


def wipe(directory: str) -> None:
    """Empty a directory that a program wrote, which may be deep, inaccessible or full of links.

    The walk keeps one open directory and a list of names, so that depth does not cost recursion,
    long paths or descriptors. Only call it when no process of the program runs any more.
    """
    os.chmod(directory, 0o700)
    here = os.open(directory, _DIRECTORY)
    walk: list[tuple[str, list[str]]] = [("", _remove_files(here))]
    while walk:
        name, subdirectories = walk[-1]
        if subdirectories:
            child = subdirectories.pop()
            os.chmod(child, 0o700, dir_fd=here)
            here = _move(here, child)
            walk.append((child, _remove_files(here)))
        else:
            walk.pop()
            if walk:
                here = _move(here, "..")
                os.rmdir(name, dir_fd=here)
    os.close(here)


def _remove_files(directory: int) -> list[str]:
    """Remove everything except subdirectories, and return their names."""
    subdirectories = []
    for name in os.listdir(directory):
        if stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            subdirectories.append(name)
        else:
            os.unlink(name, dir_fd=directory)
    return subdirectories


def _move(directory: int, name: str) -> int:
    try:
        return os.open(name, _DIRECTORY, dir_fd=directory)
    finally:
        os.close(directory)
