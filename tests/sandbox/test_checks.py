"""The conformance checks, against each backend."""

from __future__ import annotations

import pytest

from sandbox import Sandbox
from sandbox.checks import CHECKS, Check, not_promised

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
async def test_the_backend_passes_the_check(box: Sandbox, check: Check) -> None:
    if not_promised(check, box.info):
        pytest.skip(f"this machine does not grant any of: {', '.join(check.needs)}")
    await check.run(box)
