"""The socket backend: judges in containers of somebody else's making, each behind a Unix socket.

All sockets lie in one folder; each is one slot. The containers are those of the service `sandbox`
in docker-compose.yml, or any that run the image's `listen` mode. It does NOT start, limit or stop
them, and what it says of their walls is what the judges find from inside.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.judge import confine
from sandbox.judge_pool import START_SECONDS, JudgePool, Link, PooledSandbox
from sandbox.types import SandboxConfig, SandboxInfo, SandboxUnavailable

DEFAULT_FOLDER = "/run/sandbox"
PATIENCE_SECONDS = 15.0
"""How long a container may take to come back, or another run's judge to end."""
_RETRY_SECONDS = 0.1
_STREAM_LIMIT_BYTES = 1 << 20


def folder_of(config: SandboxConfig) -> Path:
    """Where the sockets are: from the config, else the environment, else the usual place."""
    return Path(config.sockets or os.environ.get("SANDBOX_SOCKETS") or DEFAULT_FOLDER)


def living(folder: Path) -> list[Path]:
    """The sockets that somebody listens to: a container that is gone leaves its own behind."""
    return [path for path in sorted(folder.glob("*.sock")) if _answers(path)]


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:
            return True  # others stand in line
        except OSError:
            return False
    return True


@asynccontextmanager
async def open_socket(config: SandboxConfig, reason: str = "") -> AsyncIterator[PooledSandbox]:
    """Take up to `slots` of the judges that are free. Raises SandboxUnavailable."""
    folder = folder_of(config)
    if not living(folder):
        raise SandboxUnavailable(
            f"no sandbox answers in {folder}: start some with docker compose up -d sandbox, or "
            "name their folder with --sandbox.sockets or SANDBOX_SOCKETS"
        )
    door = _JudgeConnector(folder)
    try:
        pool = JudgePool(door.start, await door.open(config.slots))
        try:
            hello = await pool.open()
            if confine.FILES not in hello["enforced"] and not config.allow_weak:
                raise SandboxUnavailable(
                    "the sandbox's kernel grants no Landlock, so that its programs could take "
                    "each other's sockets: use Docker, or accept it with --sandbox.allow-weak"
                )
            info = SandboxInfo(
                backend="socket",
                python=hello["python"],
                enforced=tuple(hello["enforced"]),
                missing=tuple(hello["missing"]),
                reason=reason,
            )
            yield PooledSandbox(pool, info, hello["memory_mb"])
        finally:
            await pool.close()
    finally:
        door.close()


class _JudgeConnector:
    """Connects to judges, at most one of ours at a socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[Path] = set()
        self._greeted: list[tuple[Path, socket.socket]] = []

    async def open(self, slots: int) -> int:
        """Connect to judges that are free, one at least; how many there are."""
        await self._wait()
        await asyncio.gather(*(self._try() for _ in range(slots - 1)))
        return len(self._greeted)

    async def start(self, _index: int) -> Link:
        """Connect to a judge that is free; its greeting is still to be read."""
        if not self._greeted:
            await self._wait()
        path, connection = self._greeted.pop()
        try:
            reader, writer = await asyncio.open_connection(
                sock=connection, limit=_STREAM_LIMIT_BYTES
            )
        except BaseException:  # cancelled, for one
            connection.close()
            self._taken.discard(path)
            raise

        async def end() -> None:
            self._taken.discard(path)  # its judge ends because we hang up

        return Link(reader, writer, end)

    def close(self) -> None:
        """Hang up on judges that were not needed after all."""
        for _, connection in self._greeted:
            connection.close()

    async def _wait(self) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while not await self._try():
            if asyncio.get_running_loop().time() > deadline:
                raise SandboxUnavailable(
                    f"no sandbox in {self._folder} is free: they are gone, or others use them"
                )
            await asyncio.sleep(_RETRY_SECONDS)

    async def _try(self) -> bool:
        """Go through the sockets once, up to the first one whose judge greets."""
        for path in sorted(self._folder.glob("*.sock")):
            if path in self._taken:
                continue
            self._taken.add(path)
            connection = None
            try:
                connection = await _greeted(path)
            finally:
                if connection is None:
                    self._taken.discard(path)
            if connection is not None:
                self._greeted.append((path, connection))
                return True
        return False


async def _greeted(path: Path) -> socket.socket | None:
    """A connection whose judge has something to say; None where nobody is there, or it is busy."""
    loop = asyncio.get_running_loop()
    connection = socket.socket(socket.AF_UNIX)
    connection.setblocking(False)
    there = False
    try:
        async with asyncio.timeout(START_SECONDS):
            await loop.sock_connect(connection, str(path))
            await _readable(connection)
        there = bool(connection.recv(1, socket.MSG_PEEK))
    except OSError:  # refused, reset, gone or silent
        return None
    finally:
        if not there:
            connection.close()
    return connection if there else None


async def _readable(connection: socket.socket) -> None:
    """Wait until there is something to read, or the end, and read none of it."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection)
