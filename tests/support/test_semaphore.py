"""Places at the model: who is next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.models.stored import StoredModel
from agent.support.semaphore import PrioritySemaphore
from agent.types import Completion, Message, Sampling


async def order_of(slots: PrioritySemaphore, wanted: Sequence[tuple[str, int, int]]) -> list[str]:
    """The names in the order in which they got their places; all wait at first."""
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


async def test_the_lowest_rank_is_next_and_within_a_rank_who_came_first() -> None:
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


async def test_who_leaves_the_line_takes_no_place_with_it() -> None:
    slots = PrioritySemaphore(1)
    async with slots.taken(1, 0):
        leaver = asyncio.create_task(order_of(slots, [("leaver", 1, 0)]))
        await asyncio.sleep(0.01)
        leaver.cancel()
        await asyncio.gather(leaver, return_exceptions=True)
    assert await order_of(slots, [("next", 1, 0)]) == ["next"]


async def test_a_place_that_comes_just_as_its_owner_goes_is_given_on() -> None:
    slots = PrioritySemaphore(1)
    async with slots.taken(1, 0):
        leaver = asyncio.create_task(order_of(slots, [("leaver", 1, 0)]))
        await asyncio.sleep(0.01)
    leaver.cancel()  # its turn has been called, and it has not run since
    await asyncio.gather(leaver, return_exceptions=True)
    assert await asyncio.wait_for(order_of(slots, [("next", 1, 0)]), 5) == ["next"]


class Slow:
    """Answers after a while, and notes the order of the prompts."""

    identity = "slow"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        self.asked.append(messages[0].content)
        await asyncio.sleep(0.01)
        return [Completion(text="x")] * n


async def test_a_problem_that_was_begun_first_is_asked_for_first() -> None:
    slow = Slow()
    model = StoredModel(slow, [], concurrency=1)
    asks = [
        model.ranked(rank).complete((Message(role="user", content=str(rank)),), 2, Sampling())
        for rank in (3, 2, 0, 1)
    ]
    await asyncio.gather(*asks)
    assert slow.asked == ["3", "0", "1", "2"]
