"""The protocol of a model backend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from agent.types import Completion, Message, Sampling

CacheUse = Callable[[], Awaitable[tuple[float, float] | None]]
"""Gives the tokens looked up and found in a server's prefix cache since its start, or None."""


async def no_cache() -> None:
    """Return None, for models without a prefix cache that can be queried."""


WaitsUntil = Callable[[], float | None]
"""Gives the monotonic time until which the run waits for a server, or None if it does not wait."""


def no_wait() -> None:
    """Return None, for models that are always reachable."""


class Model(Protocol):
    """A model that answers chats."""

    @property
    def identity(self) -> str:
        """The model's name in the store. Models with the same identity give the same answers."""
        ...

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """Draw `n` answers to one chat; answer `i` with seed `sampling.seed + i` if possible.

        If the chat ends in a turn of the assistant, each answer begins with that turn's text.

        Raises ModelError if the backend failed; an unusual answer is not an error.
        """
        ...


class Backend(Model, Protocol):
    """A model that holds connections or processes."""

    async def aclose(self) -> None:
        """Release the connections or processes."""
        ...
