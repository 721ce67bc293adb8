"""A model behind its stores: what was answered before is not asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from agent.errors import ModelError, PromptTooLongError, StoreError
from agent.models.base import Model
from agent.models.store import Request, Store
from agent.support.activity import Activity
from agent.support.semaphore import PrioritySemaphore
from agent.types import Completion, Message, Sampling

DRAIN_SECONDS = 10.0
Result = TypeVar("Result")


class StoredModel:
    """A model that looks in its stores before it asks, and keeps every answer in all of them.

    The first store is the run's own, so that a run's folder holds all that it used; those behind it
    are shared between runs. Model and stores belong to the caller, who closes them after `drain`.
    """

    def __init__(
        self,
        model: Model,
        stores: Sequence[Store],
        concurrency: int = 256,
        activity: Activity | None = None,
    ):
        self._model = model
        self._stores = tuple(stores)
        self._semaphore = PrioritySemaphore(concurrency)
        self._pending: set[asyncio.Task[Any]] = set()
        self._activity = activity or Activity()
        self.asked = 0
        """Answers that the model gave."""
        self.reused = 0
        """Answers that a store gave and not this model before, each counted once."""
        self._given: set[tuple[str, int]] = set()

    @property
    def identity(self) -> str:
        """The model's own."""
        return self._model.identity

    def ranked(self, rank: int) -> Model:
        """The same model for one of several askers: a lower rank is served first."""
        return _RankedModel(self, rank)

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling, rank: int = 0
    ) -> list[Completion]:
        """Answers from the stores, then from the model for the samples that no store has."""
        request = Request(self.identity, messages, sampling)
        answers: list[Completion] = []
        while len(answers) < n and (answer := self._find(request, len(answers))) is not None:
            answers.append(answer)
        self.reused += len({(request.key, i) for i in range(len(answers))} - self._given)
        while len(answers) < n:
            rest = n - len(answers)
            async with self._semaphore.taken(rest, rank):
                ask = self._ask(request, messages, sampling, len(answers), rest)
                answers += await self._to_its_end(ask)
        self._given.update((request.key, i) for i in range(n))
        return answers

    async def drain(self) -> None:
        """Wait a while for answers that nobody waits for any more: they are paid for."""
        if self._pending:
            await asyncio.wait(self._pending, timeout=DRAIN_SECONDS)
        for task in self._pending:
            task.cancel()
        await asyncio.gather(*self._pending, return_exceptions=True)

    async def _to_its_end(self, ask: Coroutine[Any, Any, Result]) -> Result:
        """What is asked for is answered and kept, even where its caller is cancelled."""
        task = asyncio.ensure_future(ask)
        self._pending.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._pending.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, since its caller may have gone

    async def _ask(
        self, request: Request, messages: Sequence[Message], sampling: Sampling, first: int, n: int
    ) -> list[Completion]:
        """Ask for n samples from `first` on, and keep what comes: some servers give fewer."""
        self._refuse_again(request)
        rest = sampling.model_copy(update={"seed": sampling.seed + first})
        try:
            with self._activity.asking():
                fresh = (await self._model.complete(messages, n, rest))[:n]
        except PromptTooLongError as error:
            self._note(request, str(error))
            raise
        if not fresh:
            raise ModelError(f"{self.identity} gave no answer where {n} were asked for")
        self.asked += len(fresh)
        self._activity.answered(fresh)
        self._keep(request, first, fresh)
        return fresh

    def _keep(self, request: Request, first: int, fresh: Sequence[Completion]) -> None:
        """Put answers into every store that takes them, before one that does not is told of."""
        errors = []
        for i, store in enumerate(self._stores):
            try:
                store.put(request, first, fresh, fresh=i == 0)
            except StoreError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _refuse_again(self, request: Request) -> None:
        for store in self._stores:
            if (reason := store.refusal(request.key)) is not None:
                self._note(request, reason)
                raise PromptTooLongError(reason)

    def _note(self, request: Request, reason: str) -> None:
        """Keep a refusal with the run alone: the next one may have a server with more room."""
        for store in self._stores[:1]:
            store.refuse(request, reason)

    def _find(self, request: Request, sample: int) -> Completion | None:
        """The answer of a store; those that lack it get it too, as a killed run may leave one."""
        found = [store.get(request.key, sample) for store in self._stores]
        answer = next((one for one in found if one is not None), None)
        for store, one in zip(self._stores, found, strict=True):
            if answer is not None and one is None:
                store.put(request, sample, [answer])
        return answer


@dataclass(frozen=True)
class _RankedModel:
    """A stored model as one asker sees it."""

    model: StoredModel
    rank: int

    @property
    def identity(self) -> str:
        return self.model.identity

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        return await self.model.complete(messages, n, sampling, self.rank)
