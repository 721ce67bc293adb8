"""Backends for the tests: one of each, opened once a module, and skipped with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox import Sandbox, SandboxConfig, SandboxUnavailable, open_sandbox
from sandbox.image import ensure_image

BACKENDS = ("local", pytest.param("docker", marks=pytest.mark.docker))


@pytest.fixture(scope="session")
def docker_engine() -> None:
    """Skip where no engine answers or no image can be had."""
    try:
        asyncio.run(ensure_image(SandboxConfig()))
    except SandboxUnavailable as error:
        pytest.skip(f"Docker: {error}")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=BACKENDS)
async def box(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """A sandbox of each backend."""
    if request.param == "docker":
        try:
            await ensure_image(SandboxConfig())
        except SandboxUnavailable as error:
            pytest.skip(f"Docker: {error}")
    try:
        async with open_sandbox(SandboxConfig(backend=request.param)) as sandbox:
            yield sandbox
    except SandboxUnavailable as error:
        pytest.skip(f"{request.param}: {error}")
