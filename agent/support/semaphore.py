"""A semaphore with priorities, which limits the requests to a model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count


class PrioritySemaphore:
    """A semaphore whose waiters are served in order of rank, lowest first.

    A place is one answer in flight; a request holds one place per answer. A request starts as soon
    as any place is free, even if it needs more: waiting for all would leave some places unused.
    """

    def __init__(self, places: int):
        self._free = places
        self._waiting: list[tuple[int, int, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def taken(self, places: int, rank: int) -> AsyncIterator[None]:
        """Hold places inside the context. Requests of equal rank are served in order of arrival."""
        if self._waiting or self._free <= 0:
            await self._wait_for_turn(places, rank)
        else:
            self._free -= places
        try:
            yield
        finally:
            self._release(places)

    async def _wait_for_turn(self, places: int, rank: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (rank, next(self._numbers), places, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release(places)  # it was granted just as its request was cancelled
            raise

    def _release(self, places: int) -> None:
        self._free += places
        while self._waiting and self._free > 0:
            _, _, wanted, turn = heappop(self._waiting)
            if not turn.done():
                self._free -= wanted
                turn.set_result(None)


@asynccontextmanager
async def released(slots: asyncio.Semaphore) -> AsyncIterator[None]:
    """Give back the caller's place inside the context, and take one again at its end."""
    slots.release()
    try:
        yield
    finally:
        await slots.acquire()
