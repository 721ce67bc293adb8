"""The use of model and sandbox during a run, reported every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.models.base import CacheUse
from agent.support.activity import Activity, Say

SECONDS = 2.0
"""Seconds between two lines."""


@asynccontextmanager
async def monitoring(
    activity: Activity, cache: CacheUse, slots: int, show: Say
) -> AsyncIterator[None]:
    """Show a line at once, then one every SECONDS, and one at the end."""
    monitor = Monitor(activity, cache, slots)
    await monitor.begin()

    async def keep_showing() -> None:
        while True:
            show(await monitor.line())
            await asyncio.sleep(SECONDS)

    task = asyncio.create_task(keep_showing())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    show(await monitor.line())


class Monitor:
    """Turns counts into rates. Each line covers the time since the previous line."""

    def __init__(self, activity: Activity, cache: CacheUse, slots: int):
        self._activity, self._cache, self._slots = activity, cache, slots
        self._at, self._tokens = time.monotonic(), activity.tokens
        self._first: tuple[float, float] | None = None

    async def begin(self) -> None:
        """Read the counts of the prefix cache before the run."""
        self._first = await self._cache()

    async def line(self) -> str:
        """Return a line with the current use of model and sandbox."""
        activity, now = self._activity, time.monotonic()
        rate = (activity.tokens - self._tokens) / max(now - self._at, 1e-9)
        self._at, self._tokens = now, activity.tokens
        running = min(activity.programs, self._slots)
        parts = [
            f"{activity.tokens:,} tokens",
            f"{rate:,.0f} tokens/s",
            f"requests in flight: {activity.requests}",
            *await self._hits(),
            f"sandbox {running} of {self._slots} slots, {activity.programs - running} waiting",
        ]
        return ", ".join(parts)

    async def _hits(self) -> list[str]:
        use = await self._cache()
        if use is None or self._first is None:
            return []
        lookups, hits = (now - then for now, then in zip(use, self._first, strict=True))
        return [f"prefix cache {100 * hits / lookups:.0f} % hits"] if lookups > 0 else []
