"""The protections of a container, as the judge finds them from inside.

The judge does NOT see the engine's own settings, such as who else may write to a shared folder.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

NO_NETWORK = "container without network"
READ_ONLY = "read-only root file system"
UNPRIVILEGED = "unprivileged user"
NO_CAPABILITIES = "no capabilities"
LIMITS = "memory, CPU and process limits of the container"
PROFILE = "system-call profile of the container"
PRIVATE_IPC = "private IPC"
_CGROUPS = "/sys/fs/cgroup"
_UNLIMITED = 1 << 60  # cgroup v1 has a number for "no limit"


def inspect() -> tuple[list[str], list[str]]:
    """Return the protections that are in force here, and those that are missing."""
    held = [name for name, in_force in _WALLS.items() if in_force()]
    return held, [name for name in _WALLS if name not in held]


def memory_mb() -> int:
    """Return the memory limit of the container, in MiB; 0 if it does not have one."""
    text = _read_first("memory.max", "memory/memory.limit_in_bytes")
    limit = int(text) if text.isdigit() else _UNLIMITED
    return 0 if limit >= _UNLIMITED else limit >> 20


def _no_network() -> bool:
    with open("/proc/net/dev") as file:
        names = [line.partition(":")[0].strip() for line in file if ":" in line]
    return names == ["lo"]


def _read_only() -> bool:
    return bool(os.statvfs("/").f_flag & os.ST_RDONLY)


def _unprivileged() -> bool:
    return 0 not in os.getresuid()


def _no_capabilities() -> bool:
    with open("/proc/self/status") as file:
        masks = [line.split()[1] for line in file if line.startswith("Cap")]
    return bool(masks) and all(int(mask, 16) == 0 for mask in masks)


def _limits() -> bool:
    cpu = _read_first("cpu.max", "cpu/cpu.cfs_quota_us").split()
    tasks = _read_first("pids.max", "pids/pids.max")
    return memory_mb() > 0 and tasks.isdigit() and bool(cpu) and cpu[0].isdigit()


def _profile() -> bool:
    """Whether our profile is in force: it refuses network sockets; an engine's default does not."""
    try:
        socket.socket(socket.AF_INET).close()
    except PermissionError:
        return True
    return False


def _private_ipc() -> bool:
    return not os.path.ismount("/dev/shm")  # noqa: S108 - tested, not used


def _read_first(*names: str) -> str:
    """Return the content of the first file that exists; empty if none does.

    cgroup v1 and v2 have different names.
    """
    for name in names:
        try:
            with open(os.path.join(_CGROUPS, name)) as file:
                return file.read().strip()
        except OSError:
            continue
    return ""


_WALLS: dict[str, Callable[[], bool]] = {
    NO_NETWORK: _no_network,
    READ_ONLY: _read_only,
    UNPRIVILEGED: _unprivileged,
    NO_CAPABILITIES: _no_capabilities,
    LIMITS: _limits,
    PROFILE: _profile,
    PRIVATE_IPC: _private_ipc,
}
WALLS = tuple(_WALLS)
"""The protections that containers of the image must have."""
