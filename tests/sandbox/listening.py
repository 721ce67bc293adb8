"""Judges that listen on a socket: bare processes, and containers as in docker-compose.yml."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import yaml
from docker.models.containers import Container

import sandbox
from sandbox import SandboxConfig
from sandbox.container import remove, settings
from sandbox.image import LABEL, connect, ensure_image
from sandbox.local import BOOT, ENVIRONMENT, PYTHON_OPTIONS
from sandbox.sockets import living

FOLDER = Path(sandbox.__file__).parent
ROOT = FOLDER.parent
SHARED = "/run/sandbox"


@contextmanager
def bare_listener(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a listening judge without a container; its programs write to `folder`/private."""
    private = folder / "private"
    private.mkdir(exist_ok=True)
    command = [sys.executable, *PYTHON_OPTIONS, "-c", BOOT, str(FOLDER)]
    process = subprocess.Popen([*command, "listen", private, folder], env=ENVIRONMENT, cwd="/")
    try:
        wait_for(folder, 1)
        yield process
    finally:
        process.terminate()
        process.wait()


def wait_for(folder: Path, count: int) -> None:
    """Wait until `count` sockets answer."""
    until(lambda: len(living(folder)) >= count)


def until(holds: Callable[[], object]) -> None:
    """Wait until `holds()` is true. Raises TimeoutError after 60 seconds."""
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def service() -> dict[str, Any]:
    """Return the service `sandbox` of docker-compose.yml."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["services"]["sandbox"]
    return found


def container_settings(folder: Path) -> dict[str, Any]:
    """Return the service's settings as arguments of the docker package."""
    described = service()
    nnp, profile = described["security_opt"]
    text = (ROOT / profile.removeprefix("seccomp:")).read_text(encoding="utf-8")
    place, _, options = described["tmpfs"][0].partition(":")
    taken = ("command", "user", "network_mode", "read_only", "cap_drop", "mem_limit", "pids_limit")
    owner = {key: text for key, text in settings(SandboxConfig())["labels"].items() if key != LABEL}
    return {
        **{name: described[name] for name in (*taken, "memswap_limit", "environment")},
        "ipc_mode": described["ipc"],
        "nano_cpus": int(described["cpus"] * 1e9),
        "security_opt": [nnp, f"seccomp={text}"],
        "tmpfs": {place: options},
        "volumes": {str(folder): {"bind": SHARED, "mode": "rw"}},
        "labels": owner,
    }


@asynccontextmanager
async def containers(count: int, **changes: Any) -> AsyncIterator[tuple[Path, list[Container]]]:
    """Start `count` containers of the service. Yield the folder of their sockets, and them."""
    image = (await ensure_image(SandboxConfig())).name
    client = connect()
    started: list[Container] = []
    with tempfile.TemporaryDirectory(prefix="sockets-") as name:
        folder = Path(name)
        described = container_settings(folder) | changes
        os.chmod(folder, 0o1777)  # noqa: S103 - as /tmp is: the judge runs as the user nobody
        try:
            for _ in range(count):
                one = await asyncio.to_thread(client.containers.create, image, **described)
                started.append(one)
                await asyncio.to_thread(one.start)
            await asyncio.to_thread(wait_for, folder, count)
            yield folder, started
        finally:
            for one in started:
                await asyncio.to_thread(remove, client, str(one.id))
            client.close()


def reaching(folder: str, name: str) -> str:
    """Return a program whose `attempts()` lists its ways to a folder of sockets or one socket."""
    return f"folder, path = {folder!r}, {f'{folder}/{name}'!r}\n{_REACHING}"


_REACHING = """
import os, socket
def leads():
    for number in range(3, 64):
        try:
            end = socket.socket(fileno=os.dup(number))
        except OSError:
            continue
        if end.getsockname() or end.getpeername():
            return
    raise OSError
actions = {
    'connect': lambda: socket.socket(socket.AF_UNIX).connect(path),
    'send': lambda: socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b'x', path),
    'a descriptor': leads,
    'list': lambda: os.listdir(folder),
    'open': lambda: open(path),
    'open the folder': lambda: os.open(folder, os.O_RDONLY),
    'unlink': lambda: os.unlink(path),
    'rename': lambda: os.rename(path, path + 'x'),
    'link': lambda: os.link(path, 'link'),
    'plant': lambda: os.mkdir(path + 'x'),
    'through a link': lambda: (os.symlink(folder, 'to'), os.listdir('to')),
}
def attempts():
    done = []
    for name, action in actions.items():
        try:
            action()
        except OSError:
            continue
        done.append(name)
    return done
"""
