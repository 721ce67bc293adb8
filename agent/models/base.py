"""The protocol of a model backend, and what may go wrong with one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from agent.types import Completion, Message, Sampling

CacheUse = Callable[[], Awaitable[tuple[float, float] | None]]
"""Tokens that a server looked up in its prefix cache and found there, since it started; or None."""


async def no_cache() -> None:
    """Stand for the prefix cache of a model that has none which can be asked."""


class Model(Protocol):
    """Answers chats."""

    @property
    def identity(self) -> str:
        """What the store calls this model: the same identity promises the same answers."""
        ...

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """Draw `n` answers to one chat; answer `i` with seed `sampling.seed + i` where possible.

        Where the chat ends in a turn of the assistant, each answer begins with that turn's text.

        Raises ModelError where the backend failed; an odd answer is an answer.
        """
        ...


class Backend(Model, Protocol):
    """A model that holds connections or processes."""

    async def aclose(self) -> None:
        """Release them."""
        ...
