"""Places at a model: who waits for one, and who is next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count


class PrioritySemaphore:
    """So many answers may be under way at once; whoever has the lowest rank is next.

    A request goes out while any place is free, however many answers it asks for: waiting for as
    many places as it needs would leave some of them empty.
    """

    def __init__(self, places: int):
        self._free = places
        self._line: list[tuple[int, int, int, asyncio.Future[None]]] = []
        self._number = count()

    @asynccontextmanager
    async def taken(self, places: int, rank: int) -> AsyncIterator[None]:
        """Hold places; those of one rank are served as they come."""
        if self._line or self._free <= 0:
            await self._stand_in_line(places, rank)
        else:
            self._free -= places
        try:
            yield
        finally:
            self._give_back(places)

    async def _stand_in_line(self, places: int, rank: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._line, (rank, next(self._number), places, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(places)  # it came just as its owner went
            raise

    def _give_back(self, places: int) -> None:
        self._free += places
        while self._line and self._free > 0:
            _, _, wanted, turn = heappop(self._line)
            if not turn.done():
                self._free -= wanted
                turn.set_result(None)
