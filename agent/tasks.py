"""Many coroutines at once, with one error out where one goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def all_or_first_error(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all jobs; where one raises, cancel the others and raise what it raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
