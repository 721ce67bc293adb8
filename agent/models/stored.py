"""A model behind answer stores: a request that a store can answer is not sent again."""

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
    """A model that looks in its stores before it asks, and stores every answer in all of them.

    The first store is the run's own, so that the run's folder holds all answers that it used; the
    other stores are shared between runs. The caller owns model and stores, and closes them after
    `drain`.
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
        """Number of answers that the model gave."""
        self.reused = 0
        """Number of distinct answers that a store gave and this model had not given before."""
        self._given: set[tuple[str, int]] = set()

    @property
    def identity(self) -> str:
        """The identity of the model behind the stores."""
        return self._model.identity

    def ranked(self, rank: int) -> Model:
        """Return this model for one of several callers: a lower rank is served first."""
        return _RankedModel(self, rank)

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling, rank: int = 0
    ) -> list[Completion]:
        """Return answers from the stores, and from the model those that no store has."""
        request = Request(self.identity, messages, sampling)
        answers: list[Completion] = []
        while len(answers) < n and (answer := self._find(request, len(answers))) is not None:
            answers.append(answer)
        self.reused += len({(request.key, i) for i in range(len(answers))} - self._given)
        several = False
        while len(answers) < n:
            rest = n - len(answers)
            async with self._semaphore.taken(rest, rank):
                ask = self._ask(request, messages, sampling, len(answers), rest, several=several)
                fresh = await self._shielded(ask)
            several |= len(fresh) < rest
            answers += fresh
        self._given.update((request.key, i) for i in range(n))
        return answers

    async def drain(self) -> None:
        """Wait up to DRAIN_SECONDS for requests whose callers were cancelled.

        Their answers are paid for, and are stored.
        """
        if self._pending:
            await asyncio.wait(self._pending, timeout=DRAIN_SECONDS)
        for task in self._pending:
            task.cancel()
        await asyncio.gather(*self._pending, return_exceptions=True)

    async def _shielded(self, ask: Coroutine[Any, Any, Result]) -> Result:
        """Finish a request and store its answers even if its caller is cancelled."""
        task = asyncio.ensure_future(ask)
        self._pending.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._pending.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved: the caller may be cancelled, and asyncio would log it

    async def _ask(
        self,
        request: Request,
        messages: Sequence[Message],
        sampling: Sampling,
        first: int,
        n: int,
        *,
        several: bool,
    ) -> list[Completion]:
        """Ask for n samples from `first` on, and store the answers: some servers give fewer.

        `several` says that the server has given too few before. Answers to such requests name
        theirs, since each was charged with its own prompt.
        """
        self._raise_if_refused(request)
        rest = sampling.model_copy(update={"seed": sampling.seed + first})
        try:
            with self._activity.asking():
                fresh = (await self._model.complete(messages, n, rest))[:n]
        except PromptTooLongError as error:
            self._put_refusal(request, str(error))
            raise
        if not fresh:
            raise ModelError(f"{self.identity} gave no answers; {n} were asked for")
        if several or len(fresh) < n:
            fresh = [answer.model_copy(update={"request": first}) for answer in fresh]
        self.asked += len(fresh)
        self._activity.answered(fresh)
        self._put(request, first, fresh)
        return fresh

    def _put(self, request: Request, first: int, fresh: Sequence[Completion]) -> None:
        """Put answers into every store, even if one fails; then raise the first StoreError."""
        errors = []
        for i, store in enumerate(self._stores):
            try:
                store.put(request, first, fresh, fresh=i == 0)
            except StoreError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _raise_if_refused(self, request: Request) -> None:
        for store in self._stores:
            if (reason := store.refusal(request.key)) is not None:
                self._put_refusal(request, reason)
                raise PromptTooLongError(reason)

    def _put_refusal(self, request: Request, reason: str) -> None:
        """Store a refusal only in the run's own store: later runs may use a larger context."""
        for store in self._stores[:1]:
            store.refuse(request, reason)

    def _find(self, request: Request, sample: int) -> Completion | None:
        """Return an answer from the stores, and copy it to those that lack it.

        A killed run may have put it into some stores only.
        """
        found = [store.get(request.key, sample) for store in self._stores]
        answer = next((kept for kept in found if kept is not None), None)
        for store, kept in zip(self._stores, found, strict=True):
            if answer is not None and kept is None:
                store.put(request, sample, [answer])
        return answer


@dataclass(frozen=True)
class _RankedModel:
    """A stored model as one caller sees it."""

    model: StoredModel
    rank: int

    @property
    def identity(self) -> str:
        return self.model.identity

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        return await self.model.complete(messages, n, sampling, self.rank)
