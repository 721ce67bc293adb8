"""The jail in which a judge confines itself if there is no container.

It consists of new namespaces and a separate root file system, if the kernel permits them, and an
unprivileged user. Each layer is tried separately, and the report says which are in force. If the
judge has to stay root (Python is installed in a directory that other users cannot read, and there
is no mount namespace), its user id does NOT protect root's files: only Landlock does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
from dataclasses import dataclass, field

from . import library, rootfs, sleeping

NAMESPACES = {
    "process namespace": 0x20000000,
    "network namespace": 0x40000000,
    "IPC namespace": 0x08000000,
    "mount namespace": 0x00020000,
}
OWN_ROOT = "file system of its own: Python to read, a small tmpfs to write"
UNPRIVILEGED = "unprivileged user"
_NEW_USER = 0x10000000
_PR_SET_PDEATHSIG = 1
_CAPABILITY_VERSION_3 = 0x20080522
_FIRST_UID, _UIDS = 1_900_000_000, 1_000_000  # no system assigns these
_NOBODY = 65534


@dataclass
class Jail:
    """The layers around the judge, and the directory where its programs may write."""

    directory: str
    granted: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    own_user: bool = False
    """Whether all processes of its user belong to the jail, so that their number can be limited."""
    proc: int | None = None
    """A descriptor of /proc, which is not in the jail's file system."""


def enter(scratch: str, links: str) -> Jail:
    """Apply every layer that the kernel permits. Returns in the process inside the jail.

    Modules are imported from `links` from here on, a folder as in `library`.
    """
    os.umask(0o022)  # another user has to read what is made here
    sys.path[:] = library.import_path(links)
    jail = Jail(scratch)
    root = os.geteuid() == 0
    uid = _free_uid() if root else os.geteuid()
    held = _unshare(jail, root)
    if "process namespace" in held:
        _become_first_process()
    if "mount namespace" in held:
        jail.proc = sleeping.mount_proc()
        try:
            paths = library.readable()
            jail.directory = rootfs.enter(scratch, paths, links, uid)
            sys.path[:] = library.import_path(rootfs.LIBRARY)
            jail.granted.append(OWN_ROOT)
        except OSError as error:
            jail.missing.append(f"{OWN_ROOT} ({error.strerror})")
    _drop_privileges(jail, root, uid)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    return jail


def _unshare(jail: Jail, root: bool) -> set[str]:
    if not root and _enter_user_namespace():
        jail.own_user = _counts_tasks_by_namespace()
    held = {name for name, flag in NAMESPACES.items() if _libc().unshare(flag) == 0}
    for name in NAMESPACES:
        (jail.granted if name in held else jail.missing).append(name)
    return held


def _counts_tasks_by_namespace() -> bool:
    release = os.uname().release.split(".")
    return (int(release[0]), int(release[1])) >= (5, 14)


def _enter_user_namespace() -> bool:
    """Enter a new user namespace, which lets an ordinary user make the other namespaces.

    Return False if the kernel refuses, in which case the others are missing too.
    """
    uid, gid = os.geteuid(), os.getegid()
    if _libc().unshare(_NEW_USER) != 0:
        return False
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        try:
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        except OSError:
            return False
    return True


def _become_first_process() -> None:
    """Fork into the new process namespace; the outer process waits and exits with the same code."""
    pid = os.fork()
    if pid == 0:
        return
    for fd in (0, 1):
        os.close(fd)
    status = os.waitpid(pid, 0)[1]
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)


def _drop_privileges(jail: Jail, root: bool, uid: int) -> None:
    own_root = OWN_ROOT in jail.granted
    readable = own_root or _open_to_all(library.readable())
    if root and uid and readable:
        if not own_root:
            os.chown(jail.directory, uid, uid)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        jail.own_user = True
    _drop_capabilities()
    if not jail.own_user:
        jail.missing.append("limit on threads")
    held = os.geteuid() != 0
    (jail.granted if held else jail.missing).append(UNPRIVILEGED)


def _drop_capabilities() -> None:
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    if _libc().capset(header, bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _free_uid() -> int:
    """Return an unused user id, or that of `nobody`; 0 if the process may take neither."""
    for uid in (_FIRST_UID + os.getpid() % _UIDS, _NOBODY):
        pid = os.fork()
        if pid == 0:
            try:
                os.setresuid(uid, uid, uid)
            except OSError:
                os._exit(1)
            os._exit(0)
        if os.waitpid(pid, 0)[1] == 0:
            return uid
    return 0


def _open_to_all(paths: list[str]) -> bool:
    """Whether every user may enter the directories of these paths."""
    entered = {os.path.realpath(path) for path in {os.path.dirname(path) for path in paths}}
    while entered - {"/"}:
        if not all(os.stat(path).st_mode & 0o001 for path in entered):
            return False
        entered = {os.path.dirname(path) for path in entered}
    return True


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if _libc().prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")
