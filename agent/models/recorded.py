"""Answers that were recorded before: a store, or a file of samples. Nothing new is ever asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.errors import ModelError
from agent.types import Completion, Message, Sampling


class RecordedModel:
    """Answers a chat that it has heard before, and says what is missing otherwise.

    `answers` maps a chat to its recorded samples; with a store, it is empty, and the `StoredModel`
    around this one finds everything before it gets here. `source` names the record in errors.
    """

    def __init__(
        self,
        identity: str,
        source: str,
        answers: Mapping[tuple[Message, ...], Sequence[Completion]] | None = None,
        seed: int = 0,
    ):
        self.identity = identity
        self._source = source
        self._answers = answers or {}
        self._seed = seed

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """The recorded samples from `sampling.seed` on. Raises ModelError where one is missing."""
        samples = self._answers.get(tuple(messages), ())
        first = sampling.seed - self._seed
        found = list(samples[first : first + n]) if first >= 0 else []
        if len(found) < n:
            raise ModelError(
                f"{self._source} holds {len(samples)} answers, and no more than that, to the "
                f"request that begins {_beginning(messages)!r}; {n} more were asked for"
            )
        return found

    async def aclose(self) -> None:
        """Nothing to release."""


def _beginning(messages: Sequence[Message]) -> str:
    text = " ".join(messages[-1].content.split()) if messages else ""
    return text[:100]
