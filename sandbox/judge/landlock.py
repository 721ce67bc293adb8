"""File access limited by Landlock: read the Python installation, write one private directory.

If the kernel supports it, abstract sockets and signals to processes outside are blocked too.
Landlock does NOT hide that a path exists, and it does not cover `stat`.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_EXECUTE, _REFER, _IOCTL_DEV = 1 << 0, 1 << 13, 1 << 15
_FIRST_ABI_RIGHTS = (1 << 13) - 1
_SPECIAL_FILES = (1 << 6) | (1 << 9) | (1 << 10) | (1 << 11)  # make: device, socket, fifo, block
_NET_TCP = 0b11
_SCOPE_SOCKETS_AND_SIGNALS = 0b11
SCOPE_ABI = 6  # the first version with scopes
_NET_ABI = 4
_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """Return the kernel's Landlock version; 0 if it does not provide Landlock."""
    return max(0, int(_libc.syscall(_CREATE, None, 0, _VERSION_FLAG)))


def make_ruleset(readable: Iterable[str], writable: str) -> int:
    """Make a ruleset and return its file descriptor, with which the zygote restricts itself.

    Paths that do not exist are left out. Raises OSError if Landlock is not available.
    """
    version = abi()
    if not version:
        raise OSError(0, "the kernel does not provide Landlock")
    handled = _handled(version)
    attributes = struct.pack(
        "QQQ", handled, _NET_TCP, _SCOPE_SOCKETS_AND_SIGNALS if version >= SCOPE_ABI else 0
    )
    size = 24 if version >= SCOPE_ABI else 16 if version >= _NET_ABI else 8
    ruleset = _call(_CREATE, attributes[:size], ctypes.c_size_t(size), 0)
    for path in readable:
        _allow(ruleset, path, (_READ_FILE | _READ_DIR) & handled)
    for device in ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"):
        _allow(ruleset, device, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & handled)
    _allow(ruleset, writable, handled & ~(_EXECUTE | _IOCTL_DEV | _SPECIAL_FILES))
    return ruleset


def restrict(ruleset: int) -> None:
    """Apply a ruleset to this process permanently. The process must have no-new-privileges set."""
    _call(_RESTRICT, ruleset, 0)


def _handled(version: int) -> int:
    rights = _FIRST_ABI_RIGHTS
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        if version >= since:
            rights |= right
    return rights


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        _call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, fd), 0)
    finally:
        os.close(fd)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return result
