"""Concurrent coroutines, of which the first error is raised."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable
from typing import Any, TypeVar

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")
One = TypeVar("One")
Other = TypeVar("Other")


async def once_each(
    items: Iterable[Item], work: Callable[[Item], Awaitable[Result]]
) -> dict[Item, Result]:
    """Run `work` on every distinct item once, concurrently. An error of one cancels the others."""
    results: dict[Item, Result] = {}

    async def one(item: Item) -> None:
        results[item] = await work(item)

    await all_or_first_error(one(item) for item in dict.fromkeys(items))
    return results


async def both(
    one: Coroutine[Any, Any, One], other: Coroutine[Any, Any, Other]
) -> tuple[One, Other]:
    """Return the results of two concurrent jobs. `one` starts first; an error cancels the other."""
    try:
        async with asyncio.TaskGroup() as group:
            second = group.create_task(other)
            first = await one
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return first, second.result()


async def all_or_first_error(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all jobs concurrently. If one raises, cancel the others and raise its exception."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
