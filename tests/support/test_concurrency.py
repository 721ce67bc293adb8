"""Helpers of asyncio: errors and cancellation among several coroutines."""

from __future__ import annotations

import asyncio

import pytest

from agent.support.concurrency import both, once_each


async def test_each_distinct_item_is_worked_on_once() -> None:
    seen: list[str] = []

    async def work(item: str) -> int:
        seen.append(item)
        return len(item)

    assert await once_each(["a", "bb", "a"], work) == {"a": 1, "bb": 2}
    assert sorted(seen) == ["a", "bb"]


async def test_one_error_is_raised_unwrapped_and_cancels_the_others() -> None:
    cancelled = asyncio.Event()

    async def work(item: str) -> None:
        if item == "bad":
            raise ValueError(item)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(ValueError, match="bad"):
        await once_each(["slow", "bad"], work)
    assert cancelled.is_set()


async def test_both_runs_two_coroutines_at_the_same_time() -> None:
    met = asyncio.Barrier(2)

    async def work(value: int) -> int:
        await met.wait()
        return value

    assert await both(work(1), work(2)) == (1, 2)


async def test_both_raises_one_error_unwrapped_and_cancels_the_other() -> None:
    other = asyncio.Event()

    async def fails() -> None:
        raise ValueError("bad")

    async def waits() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            other.set()
            raise

    with pytest.raises(ValueError, match="bad"):
        await both(waits(), fails())
    assert other.is_set()
