"""Fixtures of the backends: one sandbox of each per module, or a skip with the reason."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from sandbox import Sandbox, SandboxConfig, SandboxUnavailable, open_sandbox
from sandbox.image import ensure_image
from tests.sandbox.listening import containers

SOCKET = pytest.param("socket", marks=pytest.mark.docker)
BACKENDS = ("local", pytest.param("docker", marks=pytest.mark.docker), SOCKET)


async def need_docker() -> None:
    """Skip if no engine answers or no image is available; raise if SANDBOX_BASE_IMAGE is set."""
    try:
        await ensure_image(SandboxConfig())
    except SandboxUnavailable as error:
        if os.environ.get("SANDBOX_BASE_IMAGE"):
            raise
        pytest.skip(f"Docker: {error}")


@pytest.fixture(scope="session")
def docker_engine() -> None:
    """Skip tests that need Docker if it is not available."""
    asyncio.run(need_docker())


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=BACKENDS)
async def box(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """Open a sandbox of each backend."""
    async with opened(request.param) as sandbox:
        yield sandbox


@asynccontextmanager
async def opened(backend: str) -> AsyncIterator[Sandbox]:
    """Open a sandbox, or skip the test with the reason."""
    if backend != "local":
        await need_docker()
    try:
        async with _folder(backend) as folder:
            config = SandboxConfig(backend=backend, sockets=folder)
            async with open_sandbox(config) as sandbox:
                yield sandbox
    except SandboxUnavailable as error:
        if backend != "local":
            raise
        pytest.skip(f"local: {error}")


@asynccontextmanager
async def _folder(backend: str) -> AsyncIterator[str | None]:
    """Yield the folder of sockets for the backend `socket`, and None for the others."""
    if backend != "socket":
        yield None
        return
    async with containers(SandboxConfig().slots) as (folder, _):
        yield str(folder)
