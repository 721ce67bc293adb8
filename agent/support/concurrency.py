"""Many coroutines at once, with one error out where one goes wrong."""

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
    """Work on every distinct item once, all at once; where one raises, the others are cancelled."""
    results: dict[Item, Result] = {}

    async def one(item: Item) -> None:
        results[item] = await work(item)

    await all_or_first_error(one(item) for item in dict.fromkeys(items))
    return results


async def both(
    one: Coroutine[Any, Any, One], other: Coroutine[Any, Any, Other]
) -> tuple[One, Other]:
    """The results of two jobs at once, the first begun first; an error of one cancels the other."""
    try:
        async with asyncio.TaskGroup() as group:
            second = group.create_task(other)
            first = await one
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return first, second.result()


async def all_or_first_error(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all jobs; where one raises, cancel the others and raise what it raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
