"""The use of model and sandbox during a run, reported every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from agent.models.base import CacheUse, WaitsUntil, no_wait
from agent.support.activity import Activity, Say

SECONDS = 2.0
"""Seconds between two lines."""
WAITING = "waiting for a server"
"""The words of a line while no server answers."""


@asynccontextmanager
async def monitoring(
    activity: Activity,
    cache: CacheUse,
    slots: int,
    show: Say,
    waits_until: WaitsUntil = no_wait,
) -> AsyncIterator[None]:
    """Show a line at once, then one every SECONDS, and one at the end."""
    monitor = Monitor(activity, cache, slots, waits_until)
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

    def __init__(
        self,
        activity: Activity,
        cache: CacheUse,
        slots: int,
        waits_until: WaitsUntil,
    ):
        self._activity, self._cache, self._slots = activity, cache, slots
        self._waits_until = waits_until
        self._wait: tuple[float, str] | None = None
        """The end of the present wait for a server, and the text on it."""
        self._at, self._tokens = time.monotonic(), activity.tokens
        self._last: tuple[float, float] | None = None
        self._lookups = self._hits = 0.0

    async def begin(self) -> None:
        """Read the counts of the prefix cache before the run."""
        self._last = await self._cache()

    async def line(self) -> str:
        """Return a line with the current use of model and sandbox."""
        hits = await self._hit_rate()
        activity, now = self._activity, time.monotonic()
        rate = (activity.tokens - self._tokens) / max(now - self._at, 1e-9)
        self._at, self._tokens = now, activity.tokens
        running = min(activity.programs, self._slots)
        parts = [
            f"{activity.tokens:,} tokens",
            self._waiting() or f"{rate:,.0f} tokens/s",
            f"requests in flight: {activity.requests}",
            *hits,
            f"sandbox {running} of {self._slots} slots, {activity.programs - running} waiting",
        ]
        return ", ".join(parts)

    def _waiting(self) -> str:
        """Return a text on the wait for a server, the same at every tick; "" without a wait."""
        until = self._waits_until()
        if until is None:
            return ""
        if self._wait is None or self._wait[0] != until:
            clock = datetime.now() + timedelta(seconds=until - time.monotonic())
            self._wait = until, f"{WAITING} until {clock:%H:%M:%S}"
        return self._wait[1]

    async def _hit_rate(self) -> list[str]:
        """Return the hit rate since the start. A count that went down began anew at 0."""
        use = await self._cache()
        if use is None:
            return []
        if self._last is None or any(now < then for now, then in zip(use, self._last, strict=True)):
            self._last = (0.0, 0.0) if self._last else use
        self._lookups += use[0] - self._last[0]
        self._hits += use[1] - self._last[1]
        self._last = use
        if self._lookups <= 0:
            return []
        return [f"prefix cache {100 * self._hits / self._lookups:.0f} % hits"]
