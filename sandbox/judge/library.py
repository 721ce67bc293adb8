"""The files of this machine that programs may read: Python's library and what it loads on demand.

Packages that are installed beside the standard library do NOT belong to it. In a jail the import
path starts with a folder of links, one for each entry of the standard library and for each package
that the user asked for, so that the folders that also hold other packages stay closed.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

FOLDER = "sandbox-library"
"""The name of the folder of links, in which each link may be read, with what it leads to."""
INSTALLED = ("site-packages", "dist-packages")
_SHARED_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
_DATA = ("/usr/lib/locale", "/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/localtime")


def standard() -> dict[str, str]:
    """Return the entries of the standard library by name, without installed packages."""
    folder = os.path.dirname(os.__file__)
    return {name: f"{folder}/{name}" for name in os.listdir(folder) if name not in INSTALLED}


def import_path(folder: str) -> list[str]:
    """Return the import path of a jail: its folder of links, and what was no folder of modules."""
    kept = (path for path in sys.path if os.path.isfile(path) or path.endswith("/lib-dynload"))
    return [folder, *kept]


def readable() -> list[str]:
    """Return the paths that a program may read: those of its import path, and shared libraries."""
    found = [path for folder in sys.path for path in _allowed(folder)]
    return [path for path in (*found, *system()) if os.path.exists(path)]


def _allowed(folder: str) -> Iterator[str]:
    """Yield what may be read of an entry of the import path: all of it, or all but packages."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    if not set(INSTALLED) & {*names}:
        yield folder
    elif folder == os.path.dirname(os.__file__):
        yield from standard().values()
    if os.path.basename(folder) == FOLDER:
        yield from links(folder)


def links(folder: str) -> Iterator[str]:
    """Yield the targets of all links in a folder."""
    for entry in os.scandir(folder):
        if entry.is_symlink():
            yield os.readlink(entry.path)
        elif entry.is_dir():
            yield from links(entry.path)


def system() -> Iterator[str]:
    """Yield the shared libraries, wherever the loader looks for them, and data such as locales."""
    own = (f"{sys.base_exec_prefix}/lib", f"{sys.base_exec_prefix}/lib64")
    for folder in {os.path.realpath(path) for path in (*_SHARED_LIBRARIES, *own)}:
        with contextlib.suppress(OSError):
            for entry in os.scandir(folder):
                # Debian has a folder of shared libraries for each architecture
                if entry.name.endswith(("-linux-gnu", "-linux-musl")) or (
                    ".so" in entry.name and entry.is_file()
                ):
                    yield entry.path
    yield from (*_DATA, f"{sys.base_prefix}/share/zoneinfo")


def is_importable() -> bool:
    """Whether a module of the standard library that is not loaded yet can be imported.

    Loads it: only for a process that exits afterwards.
    """
    for name in ("csv", "_csv"):
        sys.modules.pop(name, None)
    try:
        __import__("csv")
    except (ImportError, OSError):
        return False
    return True
