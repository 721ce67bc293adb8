"""One warm, hardened container: created, attached to, started, removed. All of it blocks."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.image import LABEL

if TYPE_CHECKING:
    from docker import DockerClient

USER = 65534
OWNER_LABEL = "codeloop.sandbox.owner"
MAX_TASKS = 256
CPU_PERIOD_US, CPU_QUOTA_US = 100_000, 150_000
TMP_OPTIONS = f"rw,nosuid,nodev,noexec,size=64m,nr_inodes=2k,mode=0700,uid={USER},gid={USER}"
ENFORCED = (
    "container without network",
    "read-only root file system",
    "unprivileged user",
    "no capabilities",
    "memory, CPU and process limits of the container",
    "system-call profile of the container",
    "private IPC",
)


def launch(client: DockerClient, image: str, memory_mb: int) -> tuple[str, socket.socket]:
    """Start a container, attached from before its first byte: its id and its stream."""
    api = client.api
    container = client.containers.create(image, **_settings(memory_mb))
    identity = str(container.id)
    try:
        # attach_socket wraps the connection; the socket below it is what asyncio can wait on
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
    """Kill and remove a container; one that is gone already is no error."""
    from docker.errors import APIError

    try:
        client.api.remove_container(identity, force=True)
    except APIError as error:
        if error.status_code not in (404, 409):  # gone, or on its way out
            raise


def remove_leftovers(client: DockerClient) -> None:
    """Remove containers of processes of this machine that no longer live."""
    for container in client.containers.list(all=True, filters={"label": OWNER_LABEL}):
        host, _, pid = container.labels.get(OWNER_LABEL, "").rpartition(":")
        if host == socket.gethostname() and pid.isdigit() and not Path(f"/proc/{pid}").exists():
            remove(client, str(container.id))


def _settings(memory_mb: int) -> dict[str, Any]:
    profile = (Path(__file__).parent / "seccomp.json").read_text()
    return {
        "stdin_open": True,
        "network_mode": "none",
        "hostname": "sandbox",
        "read_only": True,
        "tmpfs": {"/tmp": TMP_OPTIONS},  # noqa: S108 - the container's own
        "user": f"{USER}:{USER}",
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={profile}"],
        "mem_limit": f"{memory_mb}m",
        "memswap_limit": f"{memory_mb}m",
        "pids_limit": MAX_TASKS,
        "cpu_period": CPU_PERIOD_US,
        "cpu_quota": CPU_QUOTA_US,
        "ipc_mode": "none",
        "log_config": {"type": "none"},  # else every frame would be written to the host's disk
        "auto_remove": True,
        "labels": {LABEL: "slot", OWNER_LABEL: f"{socket.gethostname()}:{os.getpid()}"},
    }


def _close(wrapped: Any) -> None:
    """Close the HTTP response too, which would otherwise be found open when collected."""
    response = getattr(wrapped, "_response", None)
    if response is not None:
        response.close()
    wrapped.close()
