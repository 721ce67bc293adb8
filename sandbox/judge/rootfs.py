"""A root file system made of bind mounts, for a judge in a mount namespace of its own."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 32, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo")
_FILES = ("/etc/ld.so.cache", "/etc/localtime")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
TMP = "/tmp"  # noqa: S108 - private to the jail
TMP_OPTIONS = "size=64m,nr_inodes=2k,mode=0700"


def enter(mount_point: str, paths: Iterable[str], uid: int) -> None:
    """Move into a root file system with the paths, read-only, and a small /tmp of the user.

    `mount_point` is only used to mount on: it is not written to. Raises OSError if a mount fails,
    with the mounts undone.
    """
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", mount_point, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=0755")
    try:
        _fill(mount_point, paths, uid)
        _pivot(mount_point)
    except OSError:
        ctypes.CDLL(None).umount2(mount_point.encode(), _MNT_DETACH)
        raise
    _mount(None, "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)


def _fill(mount_point: str, paths: Iterable[str], uid: int) -> None:
    for path in (*_SYSTEM, *paths):
        if os.path.islink(path):
            _copy_link(path, mount_point + path)
        elif os.path.isdir(path):
            os.makedirs(mount_point + path, mode=0o755, exist_ok=True)
            _bind(path, mount_point + path, _MS_NODEV)
    for path in (*_FILES, *_DEVICES):
        if os.path.exists(path):
            os.makedirs(os.path.dirname(mount_point + path), mode=0o755, exist_ok=True)
            os.close(os.open(mount_point + path, os.O_CREAT | os.O_WRONLY, 0o644))
            _bind(os.path.realpath(path), mount_point + path, 0)
    os.makedirs(mount_point + TMP, exist_ok=True)
    options = f"{TMP_OPTIONS},uid={uid},gid={uid}" if os.geteuid() == 0 else TMP_OPTIONS
    _mount("tmpfs", mount_point + TMP, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options)


def _copy_link(path: str, copy: str) -> None:
    os.makedirs(os.path.dirname(copy), mode=0o755, exist_ok=True)
    if not os.path.lexists(copy):
        os.symlink(os.readlink(path), copy)


def _bind(source: str, target: str, flags: int) -> None:
    _mount(source, target, None, _MS_BIND | _MS_REC)
    # flags that a user namespace may not clear have to be given again
    kept = os.statvfs(target).f_flag & (_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    readonly = _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID
    _mount(None, target, None, readonly | kept | flags)


def _pivot(root: str) -> None:
    os.chdir(root)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(_PIVOT_ROOT[os.uname().machine], b".", b".") != 0:
        raise OSError(ctypes.get_errno(), "pivot_root")
    if libc.umount2(b".", _MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), "umount")
    os.chdir("/")


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind, options)]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), target)
