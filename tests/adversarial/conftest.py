"""The corpus runs on the backends of the sandbox's own tests, but for `socket`.

Its judge and its container are those of `docker`, and the tests of the socket itself are beside
those of the backends.
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
    """A sandbox of each."""
    async with opened(request.param) as sandbox:
        yield sandbox
