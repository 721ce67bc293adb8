"""The backends on which the corpus runs: those of the sandbox's own tests, except `socket`.

The judge and the container of `socket` are those of `docker`. The tests of the socket itself are in
tests/sandbox.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox import Sandbox
from tests.sandbox.conftest import BACKENDS, SOCKET, opened


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[one for one in BACKENDS if one is not SOCKET]
)
async def box(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """Open a sandbox of each backend."""
    async with opened(request.param) as sandbox:
        yield sandbox
