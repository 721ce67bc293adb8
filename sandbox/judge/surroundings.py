"""The walls of a container as the judge finds them from inside: what it sees, it may promise.

It does NOT see what the engine keeps to itself, such as who else may write to a folder it shares.
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
_UNLIMITED = 1 << 60  # the first version of control groups has a number for "no limit"


def inspect() -> tuple[list[str], list[str]]:
    """The walls that stand here, and those that do not."""
    held = [name for name, stands in _WALLS.items() if stands()]
    return held, [name for name in _WALLS if name not in held]


def memory_mb() -> int:
    """Memory of the container, in MiB; 0 where it has no limit of its own."""
    text = _first("memory.max", "memory/memory.limit_in_bytes")
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
    cpu = _first("cpu.max", "cpu/cpu.cfs_quota_us").split()
    tasks = _first("pids.max", "pids/pids.max")
    return memory_mb() > 0 and tasks.isdigit() and bool(cpu) and cpu[0].isdigit()


def _profile() -> bool:
    """Ours refuses the sockets of networks; an engine's own profile does not."""
    try:
        socket.socket(socket.AF_INET).close()
    except PermissionError:
        return True
    return False


def _private_ipc() -> bool:
    return not os.path.ismount("/dev/shm")  # noqa: S108 - looked for, not used


def _first(*names: str) -> str:
    """What the first of the files holds that is there: control groups come in two versions."""
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
"""Those that the image's containers are to have."""
