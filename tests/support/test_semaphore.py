"""The priority semaphore of the model: the order in which requests get their places."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.models.stored import StoredModel
from agent.support.semaphore import PrioritySemaphore
from agent.types import Completion, Message, Sampling


async def order_of(slots: PrioritySemaphore, wanted: Sequence[tuple[str, int, int]]) -> list[str]:
    """Return the names in the order in which they got their places; all wait at first."""
    begun: list[str] = []

    async def one(name: str, places: int, rank: int) -> None:
        async with slots.taken(places, rank):
            begun.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for name, places, rank in wanted:
            group.create_task(one(name, places, rank))
            await asyncio.sleep(0)
    return begun


async def test_the_lowest_rank_goes_first_and_within_a_rank_the_first_to_wait() -> None:
    wanted = [("a", 1, 5), ("b", 1, 2), ("c", 1, 1), ("d", 1, 2)]
    slots = PrioritySemaphore(1)
    async with slots.taken(1, 0):
        waiting = asyncio.create_task(order_of(slots, wanted))
        for _ in range(10):
            await asyncio.sleep(0)
    assert await waiting == ["c", "b", "d", "a"]


async def test_a_request_goes_out_while_any_place_is_free() -> None:
    slots = PrioritySemaphore(4)
    async with slots.taken(3, 0):
        async with slots.taken(10, 0):  # one is free
            late = asyncio.create_task(order_of(slots, [("late", 1, 0)]))
            await asyncio.sleep(0.01)
            assert not late.done()
        assert await late == ["late"]


async def test_a_waiter_that_is_cancelled_takes_no_place() -> None:
    slots = PrioritySemaphore(1)
    async with slots.taken(1, 0):
        leaver = asyncio.create_task(order_of(slots, [("leaver", 1, 0)]))
        await asyncio.sleep(0.01)
        leaver.cancel()
        await asyncio.gather(leaver, return_exceptions=True)
    assert await order_of(slots, [("next", 1, 0)]) == ["next"]


async def test_a_place_granted_to_a_cancelled_waiter_goes_to_the_next() -> None:
    slots = PrioritySemaphore(1)
    async with slots.taken(1, 0):
        leaver = asyncio.create_task(order_of(slots, [("leaver", 1, 0)]))
        await asyncio.sleep(0.01)
    leaver.cancel()  # it has been granted the place but has not run since
    await asyncio.gather(leaver, return_exceptions=True)
    assert await asyncio.wait_for(order_of(slots, [("next", 1, 0)]), 60) == ["next"]


class Slow:
    """A model that answers after a while and records the order of the prompts."""

    identity = "slow"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        self.asked.append(messages[0].content)
        await asyncio.sleep(0.01)
        return [Completion(text="x")] * n


async def test_the_problem_that_was_begun_first_is_requested_first() -> None:
    slow = Slow()
    model = StoredModel(slow, [], concurrency=1)
    asks = [
        model.ranked(rank).complete((Message(role="user", content=str(rank)),), 2, Sampling())
        for rank in (3, 2, 0, 1)
    ]
    await asyncio.gather(*asks)
    assert slow.asked == ["3", "0", "1", "2"]
