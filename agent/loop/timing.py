"""Wall time of the steps of the graph and of the model's calls, which no step reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from agent.models.base import Model
from agent.types import Call, Completion, Message, Sampling, Timing

P = ParamSpec("P")
StateT = TypeVar("StateT", bound=Mapping[str, object])


@contextmanager
def stopwatch(name: str, found: list[Timing]) -> Iterator[None]:
    """Add the time of the block to `found`, even if the block raises."""
    start, began = time.time(), time.monotonic()
    try:
        yield
    finally:
        seconds = round(time.monotonic() - began, 6)
        found.append(Timing(name=name, start=round(start, 6), seconds=seconds))


def timed(
    node: Callable[P, Coroutine[Any, Any, StateT]],
) -> Callable[P, Coroutine[Any, Any, StateT]]:
    """Return the same step of the graph, which also adds its time to the timeline."""

    @wraps(node)
    async def run(*args: P.args, **kwargs: P.kwargs) -> StateT:
        found: list[Timing] = []
        with stopwatch(node.__name__, found):
            changed = await node(*args, **kwargs)
        return cast(StateT, {**changed, "timeline": tuple(found)})

    return run


class TimedModel:
    """A model of one problem that notes the time of each request."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._requests: dict[tuple[object, Sampling], dict[int, Timing]] = {}
        """By chat and sampling: the first request for so many answers."""

    @property
    def identity(self) -> str:
        """The identity of the model that answers."""
        return self._model.identity

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """Return the model's answers."""
        found: list[Timing] = []
        try:
            with stopwatch("call", found):
                return await self._model.complete(messages, n, sampling)
        finally:
            requests = self._requests.setdefault((tuple(messages), sampling), {})
            requests.setdefault(n, found[0])

    def timeline(self, calls: Sequence[Call]) -> tuple[Timing, ...]:
        """Return the time of each call: of the first request that asked for its last answer.

        Several calls may share a request. A request for more answers begins with the former ones.
        """
        times = []
        for i, call in enumerate(calls):
            requests = self._requests.get((call.messages, call.sampling), {})
            end = call.first + len(call.completions)
            number = min((n for n in requests if n >= end), default=None)
            if number is not None:
                times.append(requests[number].model_copy(update={"call": i}))
        return tuple(times)
