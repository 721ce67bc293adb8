"""A model behind answer stores: a request that a store can answer is not sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from agent.errors import ModelError, PromptTooLongError, StoreError
from agent.models.base import Model
from agent.models.fingerprint import ServedIdentity, differences, told_apart
from agent.models.store import Request, Store
from agent.support.activity import Activity, Say, silent
from agent.support.semaphore import PrioritySemaphore
from agent.types import Completion, Message, Sampling

Result = TypeVar("Result")
_MOMENT_SECONDS = 0.1
"""Time in which requests end that are not in flight but wait to be sent again."""


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
        context: int | None = None,
    ):
        """`context` is the model's, if known: with a larger one, no refused prompt is too long."""
        self._model = model
        self._stores = tuple(stores)
        self._semaphore = PrioritySemaphore(concurrency)
        self._context = context
        self._former = [store.former_name(model.identity) for store in self._stores]
        """For each store, the name that it has answers of this model under, beside the identity."""
        self._pending: dict[asyncio.Task[Any], int] = {}
        """The requests in flight, and the number of answers that each asks for."""
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
        keys = self._keys(request, messages, sampling)
        answers: list[Completion] = []
        while len(answers) < n and (answer := self._find(request, keys, len(answers))) is not None:
            answers.append(answer)
        self.reused += len({(request.key, i) for i in range(len(answers))} - self._given)
        several = False
        while len(answers) < n:
            rest = n - len(answers)
            async with self._semaphore.taken(rest, rank):
                self._raise_if_refused(request, keys)
                ask = self._ask(request, messages, sampling, len(answers), rest, several=several)
                fresh = await self._shielded(ask, rest)
            several |= len(fresh) < rest
            answers += fresh
        self._given.update((request.key, i) for i in range(n))
        return answers

    async def drain(self, say: Say = silent) -> None:
        """Wait for requests whose callers were cancelled: their answers are paid for, and stored.

        If this is cancelled, too, the answers are dropped, and a line says how many.
        """
        try:
            if self._pending:
                await asyncio.wait(self._pending, timeout=_MOMENT_SECONDS)
            if self._pending:
                say(f"waiting for {self._in_flight()} in flight; Ctrl-C drops them")
            while self._pending:
                await asyncio.wait(self._pending)
        except asyncio.CancelledError:
            say(f"dropped {self._in_flight()} in flight; a resumed run asks for them again")
            raise
        finally:
            pending = [*self._pending]
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    def _in_flight(self) -> str:
        number = sum(self._pending.values())
        return f"{number:,} answer{'' if number == 1 else 's'}"

    async def _shielded(self, ask: Coroutine[Any, Any, Result], answers: int) -> Result:
        """Finish a request and store its answers even if its caller is cancelled."""
        task = asyncio.ensure_future(ask)
        self._pending[task] = answers
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._pending.pop(task, None)
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

    def _raise_if_refused(self, request: Request, keys: Sequence[Sequence[str]]) -> None:
        for store, known in zip(self._stores, keys, strict=True):
            for key in known:
                if (reason := store.refusal(key, self._context)) is not None:
                    self._put_refusal(request, reason)
                    raise PromptTooLongError(reason)

    def _put_refusal(self, request: Request, reason: str) -> None:
        """Store a refusal, so that no run sends the prompt again to a model of this context."""
        for store in self._stores:
            store.refuse(request, reason, self._context)

    def _keys(
        self, request: Request, messages: Sequence[Message], sampling: Sampling
    ) -> list[tuple[str, ...]]:
        """Return for each store the keys of a request: one, or also that of former versions."""
        former = {name: Request(name, messages, sampling).key for name in self._former if name}
        return [(request.key, former[name]) if name else (request.key,) for name in self._former]

    def _find(
        self, request: Request, keys: Sequence[Sequence[str]], sample: int
    ) -> Completion | None:
        """Return an answer from the stores, and copy it to those that lack it.

        A killed run may have put it into some stores only.
        """
        found = [store.get(request.key, sample) for store in self._stores]
        answer = next((kept for kept in found if kept is not None), None)
        if answer is None:
            answer = self._find_former(keys, sample)
        for store, kept in zip(self._stores, found, strict=True):
            if answer is not None and kept is None:
                store.put(request, sample, [answer])
        return answer

    def _find_former(self, keys: Sequence[Sequence[str]], sample: int) -> Completion | None:
        """Return an answer that a former version stored under the model's name alone."""
        for store, known in zip(self._stores, keys, strict=True):
            for key in known[1:]:
                if (answer := store.get(key, sample)) is not None:
                    return answer
        return None


def introduce(model: ServedIdentity, store: Store, say: Say) -> None:
    """Make a served model known to a store; say a line on other answers of its name.

    Those are answers without an identity, which are taken as the model's, and answers of other
    weights, which are not used.
    """
    is_new, others = store.introduce(model), store.namesakes(model)
    former = store.former_name(str(model))
    if former and (number := store.count(former)):
        say(
            f"store: {store.path} has {number:,} answers of {model.name} from a former version, "
            "which knew a model by its name only; they are taken as this model's"
        )
    elif is_new and others:
        other = min(others, key=lambda other: len(differences(other, model)))
        say(
            f"store: the answers of {model.name} in {store.path} are those of another model: here, "
            f"{told_apart(other, model)}; all requests are sent anew (if the model is the same, "
            f"give --model.label {other.mark})"
        )


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
