"""The life of a hardened container: create, attach, start, remove. All calls block."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.image import LABEL
from sandbox.types import SandboxConfig

if TYPE_CHECKING:
    from docker import DockerClient

USER = 65534
OWNER_LABEL = "codeloop.sandbox.owner"
OWNER_START_LABEL = "codeloop.sandbox.owner-start"
MAX_TASKS = 256
CPU_PERIOD_US, CPU_QUOTA_US = 100_000, 150_000
TMP_OPTIONS = f"rw,nosuid,nodev,noexec,size=64m,nr_inodes=2k,mode=0700,uid={USER},gid={USER}"
PODMAN_TMP_OPTIONS = "rw,nosuid,nodev,noexec,size=64m,mode=0700,U"  # U: the user owns it
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # more would fill the memory
PROFILE = Path(__file__).parent / "seccomp.json"


def launch(client: DockerClient, image: str, settings: dict[str, Any]) -> tuple[str, socket.socket]:
    """Start a container and return its id and stream, attached before its first output."""
    api = client.api
    container = client.containers.create(image, **settings)
    identity = str(container.id)
    try:
        # attach_socket wraps the connection; asyncio can only wait on the socket inside
        wrapped: Any = api.attach_socket(
            identity, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        )
        connection: socket.socket = getattr(wrapped, "_sock", wrapped)
        stream = socket.socket(fileno=os.dup(connection.fileno()))
        _close(wrapped)
        try:
            api.start(identity)
        except BaseException:
            stream.close()
            raise
    except BaseException:
        remove(client, identity)
        raise
    stream.setblocking(False)
    return identity, stream


def remove(client: DockerClient, identity: str) -> None:
    """Kill and remove a container. Does not fail if it is already gone."""
    from docker.errors import APIError

    try:
        client.api.remove_container(identity, force=True)
    except APIError as error:
        if error.status_code not in (404, 409):  # already removed, or being removed
            raise


def remove_leftovers(client: DockerClient) -> None:
    """Remove the containers of processes on this machine that have exited."""
    if not _start_time(os.getpid()):
        return  # without /proc we cannot see which processes run
    # the client's own list asks for each container again, and fails if another process removes one
    for listed in client.api.containers(all=True, filters={"label": OWNER_LABEL}):
        labels = listed["Labels"]
        host, _, pid = labels[OWNER_LABEL].rpartition(":")
        if host == socket.gethostname() and pid.isdigit():
            start = _start_time(int(pid))
            if not start or labels.get(OWNER_START_LABEL, start) != start:
                remove(client, listed["Id"])


def _start_time(pid: int) -> str:
    """Return the start time of a process, in clock ticks since boot; empty if it has exited.

    The kernel reuses pids, so that a pid alone does not identify a process.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]  # field 22; the name may contain spaces


def settings(config: SandboxConfig, *, podman: bool = False) -> dict[str, Any]:
    """Return the settings of a container.

    Podman needs the path of the system-call profile and supports fewer mount options.
    """
    memory = f"{config.slot_memory_mb}m"
    profile = str(PROFILE) if podman else PROFILE.read_text()
    return {
        "stdin_open": True,
        "network_mode": "none",
        "hostname": "sandbox",
        "read_only": True,
        "tmpfs": {"/tmp": PODMAN_TMP_OPTIONS if podman else TMP_OPTIONS},  # noqa: S108 - the container's
        "user": f"{USER}:{USER}",
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={profile}"],
        "mem_limit": memory,
        "memswap_limit": memory,
        "pids_limit": MAX_TASKS,
        "cpu_period": CPU_PERIOD_US,
        "cpu_quota": CPU_QUOTA_US,
        "ipc_mode": "none",
        "log_config": {"type": "none"},  # else the engine writes every frame to the disk
        "auto_remove": True,
        "labels": {
            LABEL: "slot",
            OWNER_LABEL: f"{socket.gethostname()}:{os.getpid()}",
            OWNER_START_LABEL: _start_time(os.getpid()),
        },
        "runtime": config.runtime,
        "environment": ONE_THREAD if config.packages else {},
    }


def _close(wrapped: Any) -> None:
    """Close a stream and its HTTP response, which would cause a ResourceWarning if left open."""
    response = getattr(wrapped, "_response", None)
    if response is not None:
        response.close()
    wrapped.close()
