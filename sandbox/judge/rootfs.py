"""A root file system made of bind mounts, for a judge in a mount namespace of its own."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from .library import FOLDER

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 32, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_LINKS = ("/lib", "/lib64")  # the loader knows libraries by these names
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
LIBRARY = f"/usr/lib/{FOLDER}"
_libc = ctypes.CDLL(None, use_errno=True)
TMP = "/tmp"  # noqa: S108 - private to the jail
_OTHER_TMP = "/private"
TMP_OPTIONS = "size=64m,nr_inodes=2k,mode=0700"


def enter(mount_point: str, paths: Iterable[str], links: str, uid: int) -> str:
    """Move into a root file system with the paths, read-only, and return a small directory to use.

    The directory is the user's own: /tmp, unless a path lies below it. The folder `links` becomes
    LIBRARY. `mount_point` is only used to mount on: it is not written to. Raises OSError if a mount
    fails, with the mounts undone.
    """
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", mount_point, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=0755")
    try:
        directory = _fill(mount_point, paths, links, uid)
        _pivot(mount_point)
    except OSError:
        _libc.umount2(mount_point.encode(), _MNT_DETACH)
        raise
    _mount(None, "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)
    return directory


def _fill(root: str, paths: Iterable[str], links: str, uid: int) -> str:
    followed: dict[str, str] = {}
    for path in _LINKS:
        _follow(path, followed)
    wanted = [path for path in (*paths, *_DEVICES) if path != links]
    places = {real: real for real in (_follow(path, followed) for path in wanted)}
    places[LIBRARY] = links
    for link, target in followed.items():
        os.makedirs(os.path.dirname(root + link), exist_ok=True)
        os.symlink(target, root + link)
    bound: set[str] = set()
    for path in sorted(places):
        if not _covered(path, bound):
            _bind(places[path], root + path, 0 if path in _DEVICES else _MS_NODEV)
            bound.add(path)
    below = any(path.startswith(f"{TMP}/") for path in (*places, *followed))
    directory = _OTHER_TMP if below else TMP
    os.makedirs(root + directory, exist_ok=True)
    options = f"{TMP_OPTIONS},uid={uid},gid={uid}" if os.geteuid() == 0 else TMP_OPTIONS
    _mount("tmpfs", root + directory, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options)
    return directory


def _follow(path: str, followed: dict[str, str]) -> str:
    """Return the real path, and add each symbolic link on the way to `followed`."""
    real, left = "", path.split("/")[::-1]
    while left:
        name = left.pop()
        if name == "..":
            real = real.rpartition("/")[0]
        elif name not in ("", "."):
            real += f"/{name}"
            if os.path.islink(real):
                followed[real] = target = os.readlink(real)
                real = "" if target.startswith("/") else real.rpartition("/")[0]
                left += target.split("/")[::-1]
    return real


def _covered(path: str, bound: set[str]) -> bool:
    """Whether a directory above a path is bound already."""
    while path and path not in bound:
        path = path.rpartition("/")[0]
    return bool(path)


def _bind(source: str, target: str, flags: int) -> None:
    is_directory = os.path.isdir(source)
    os.makedirs(target if is_directory else os.path.dirname(target), exist_ok=True)
    if not is_directory:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    _mount(source, target, None, _MS_BIND | _MS_REC)
    # flags that a user namespace may not clear have to be given again
    kept = os.statvfs(target).f_flag & (_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    readonly = _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID
    _mount(None, target, None, readonly | kept | flags)


def _pivot(root: str) -> None:
    os.chdir(root)
    if _libc.syscall(_PIVOT_ROOT[os.uname().machine], b".", b".") != 0:
        raise OSError(ctypes.get_errno(), "pivot_root")
    if _libc.umount2(b".", _MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), "umount")
    os.chdir("/")


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind, options)]
    if _libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), target)
