"""The protocol of a model backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agent.types import Completion, Message, Sampling


class ModelError(Exception):
    """The backend failed, and no answer exists."""


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

        Raises ModelError where the backend failed; an odd answer is an answer.
        """
        ...


class Backend(Model, Protocol):
    """A model that holds connections or processes."""

    async def aclose(self) -> None:
        """Release them."""
        ...
