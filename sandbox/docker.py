"""The Docker backend: one warm, hardened container per slot, not one per program.

Frames travel over the container's attached streams. It does NOT protect against flaws of the kernel
or of the engine, which programs share with the host.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from sandbox import container
from sandbox.image import Image, connect, ensure_image, is_podman
from sandbox.judge import surroundings
from sandbox.judge_pool import JudgePool, Link, PooledSandbox
from sandbox.types import SandboxConfig, SandboxInfo, SandboxUnavailable

if TYPE_CHECKING:
    from docker import DockerClient

P = ParamSpec("P")
T = TypeVar("T")
_STREAM_HEADER_BYTES = 8
_STDOUT = 1
_STREAM_LIMIT_BYTES = 1 << 20


@asynccontextmanager
async def open_docker(config: SandboxConfig, reason: str = "") -> AsyncIterator[PooledSandbox]:
    """Find or build the image and start the containers. Raises SandboxUnavailable on failure."""
    image = await ensure_image(config)
    client = await asyncio.to_thread(connect)
    launcher = _Launcher(client, image)
    pool = JudgePool(launcher.start, config.slots)
    try:
        launcher.settings = await asyncio.to_thread(_guarded, _prepare, client, config)
        hello = await pool.open()
        runtime = [f"container runtime {config.runtime}"] if config.runtime else []
        info = SandboxInfo(
            backend="docker",
            python=hello["python"],
            image=image.digest,
            enforced=(*surroundings.WALLS, *runtime, *hello["enforced"]),
            missing=tuple(hello["missing"]),
            reason=reason,
        )
        yield PooledSandbox(pool, info, config.slot_memory_mb)
    finally:
        await pool.close()
        await launcher.close()
        client.close()


def _prepare(client: DockerClient, config: SandboxConfig) -> dict[str, Any]:
    """Remove leftover containers, and return container settings that this engine supports.

    Raises SandboxUnavailable if the engine does not have the configured runtime.
    """
    container.remove_leftovers(client)
    podman = is_podman(client)
    if config.runtime and podman:
        raise SandboxUnavailable(
            "Podman does not accept a runtime from its clients: set it in Podman's containers.conf"
        )
    if config.runtime:
        known = client.info().get("Runtimes") or {}
        if config.runtime not in known:
            raise SandboxUnavailable(
                f"the engine has no runtime {config.runtime!r}: it has {', '.join(sorted(known))}"
            )
    return container.settings(config, podman=podman)


class _Launcher:
    """A launcher of containers. It removes those whose start was cancelled."""

    def __init__(self, client: DockerClient, image: Image) -> None:
        self._client, self._image = client, image
        self.settings: dict[str, Any] = {}
        self._orphans: set[asyncio.Task[None]] = set()

    async def start(self, _index: int) -> Link:
        """Start a container and return the link to its judge."""
        launch = asyncio.ensure_future(
            asyncio.to_thread(
                _guarded, container.launch, self._client, self._image.name, self.settings
            )
        )
        try:
            identity, stream = await asyncio.shield(launch)
        except asyncio.CancelledError:
            orphan = asyncio.create_task(self._remove(launch))
            self._orphans.add(orphan)
            orphan.add_done_callback(self._orphans.discard)
            raise
        raw, writer = await asyncio.open_connection(sock=stream)
        reader = asyncio.StreamReader(limit=_STREAM_LIMIT_BYTES)
        pump = asyncio.create_task(_demultiplex(raw, reader))

        async def end() -> None:
            pump.cancel()
            writer.close()
            with contextlib.suppress(asyncio.CancelledError):
                await pump
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            with contextlib.suppress(SandboxUnavailable):  # a stopped engine runs nothing
                await asyncio.to_thread(_guarded, container.remove, self._client, identity)

        return Link(reader, writer, end)

    async def _remove(self, launch: asyncio.Future[tuple[str, socket.socket]]) -> None:
        """Remove the container of a cancelled start as soon as it is up."""
        with contextlib.suppress(SandboxUnavailable):
            identity, stream = await launch
            stream.close()
            await asyncio.to_thread(_guarded, container.remove, self._client, identity)

    async def close(self) -> None:
        """Wait until the containers of all cancelled starts are removed."""
        await asyncio.gather(*self._orphans)


async def _demultiplex(raw: asyncio.StreamReader, reader: asyncio.StreamReader) -> None:
    """Copy standard output to `reader`, without the engine's header of each chunk.

    The header is the stream number, three zero bytes and the length.
    """
    try:
        while True:
            header = await raw.readexactly(_STREAM_HEADER_BYTES)
            data = await raw.readexactly(int.from_bytes(header[4:], "big"))
            if header[0] == _STDOUT:
                reader.feed_data(data)
    except (EOFError, OSError):
        pass
    finally:  # a caller that waits for an answer must see that the stream ended
        reader.feed_eof()


def _guarded(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call a function of the engine's client. Raises SandboxUnavailable if it fails."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        return function(*arguments, **named)
    except (DockerException, RequestException, OSError) as error:
        raise SandboxUnavailable(f"the Docker engine failed: {error}") from error
