"""The socket backend: judges in containers that already run, each behind a Unix socket.

All sockets are in one folder; each is one slot. The containers are those of the service `sandbox`
in docker-compose.yml, or any others that run the image's `listen` mode. This backend does NOT
start, limit or stop them, and the protections that it reports are those that the judges find from
inside.
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
"""Longest wait for a container to restart, or for another run's judge to end."""
_RETRY_SECONDS = 0.1
_STREAM_LIMIT_BYTES = 1 << 20


def folder_of(config: SandboxConfig) -> Path:
    """Return the folder of the sockets: from the config, $SANDBOX_SOCKETS, or the default."""
    return Path(config.sockets or os.environ.get("SANDBOX_SOCKETS") or DEFAULT_FOLDER)


def living(folder: Path) -> list[Path]:
    """Return the sockets that accept connections: a stopped container leaves its socket behind."""
    return [path for path in sorted(folder.glob("*.sock")) if _accepts(path)]


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:
            return True  # its queue of connections is full
        except OSError:
            return False
    return True


@asynccontextmanager
async def open_socket(config: SandboxConfig, reason: str = "") -> AsyncIterator[PooledSandbox]:
    """Connect to up to `slots` free judges.

    Raises SandboxUnavailable if no judge is free, or if their kernel does not provide Landlock and
    the config does not set `allow_weak`.
    """
    folder = folder_of(config)
    if not living(folder):
        raise SandboxUnavailable(
            f"no sandbox answers in {folder}: start one with docker compose up -d sandbox, or "
            "name another folder with --sandbox.sockets or SANDBOX_SOCKETS"
        )
    connector = _JudgeConnector(folder)
    try:
        pool = JudgePool(connector.start, await connector.open(config.slots))
        try:
            hello = await pool.open()
            if confine.FILES not in hello["enforced"] and not config.allow_weak:
                raise SandboxUnavailable(
                    "the sandbox's kernel does not provide Landlock, so that programs could seize "
                    "other sockets: use Docker, or accept the risk with --sandbox.allow-weak"
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
        connector.close()


class _JudgeConnector:
    """A connector to judges. It opens at most one connection per socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[Path] = set()
        self._greeted: list[tuple[Path, socket.socket]] = []

    async def open(self, slots: int) -> int:
        """Connect to free judges and return their number.

        Raises SandboxUnavailable if none is free within PATIENCE_SECONDS.
        """
        await self._wait_for_judge()
        await asyncio.gather(*(self._try_sockets() for _ in range(slots - 1)))
        return len(self._greeted)

    async def start(self, _index: int) -> Link:
        """Return the link to a free judge, whose greeting the caller has to read."""
        if not self._greeted:
            await self._wait_for_judge()
        path, connection = self._greeted.pop()
        try:
            reader, writer = await asyncio.open_connection(
                sock=connection, limit=_STREAM_LIMIT_BYTES
            )
        except BaseException:  # cancellation, for example
            connection.close()
            self._taken.discard(path)
            raise

        async def end() -> None:
            self._taken.discard(path)  # its judge ends because the connection closes

        return Link(reader, writer, end)

    def close(self) -> None:
        """Close connections to judges that were not used."""
        for _, connection in self._greeted:
            connection.close()

    async def _wait_for_judge(self) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while not await self._try_sockets():
            if asyncio.get_running_loop().time() > deadline:
                raise SandboxUnavailable(
                    f"no sandbox in {self._folder} is free: each is gone or in use by another host"
                )
            await asyncio.sleep(_RETRY_SECONDS)

    async def _try_sockets(self) -> bool:
        """Try each socket once, until a judge greets. Return whether one did."""
        for path in sorted(self._folder.glob("*.sock")):
            if path in self._taken:
                continue
            self._taken.add(path)
            connection = None
            try:
                connection = await _connect(path)
            finally:
                if connection is None:
                    self._taken.discard(path)
            if connection is not None:
                self._greeted.append((path, connection))
                return True
        return False


async def _connect(path: Path) -> socket.socket | None:
    """Return a connection with a greeting to read; None if the judge is busy or does not answer."""
    loop = asyncio.get_running_loop()
    connection = socket.socket(socket.AF_UNIX)
    connection.setblocking(False)
    greeted = False
    try:
        async with asyncio.timeout(START_SECONDS):
            await loop.sock_connect(connection, str(path))
            await _wait_readable(connection)
        greeted = bool(connection.recv(1, socket.MSG_PEEK))
    except OSError:  # refused, reset, removed or timed out
        return None
    finally:
        if not greeted:
            connection.close()
    return connection if greeted else None


async def _wait_readable(connection: socket.socket) -> None:
    """Wait until the connection has data or has ended, without reading from it."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection)
