"""The protocol of a model backend, and what may go wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agent.types import Completion, Message, Sampling


class ModelError(Exception):
    """The backend failed, and no answer exists."""


class PromptTooLongError(ModelError):
    """The prompt does not fit the model's context: asking again would be of no use."""


class RunEndingError(ModelError):
    """No other request can fare better: the run ends here, and may be resumed."""


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
