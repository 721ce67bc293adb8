"""A model that replays recorded answers, from a store or a samples file; it draws no new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.errors import ModelError
from agent.types import Completion, Message, Sampling

SAMPLES = "samples/"
"""Beginning of the identity of a model that is a file of samples."""


class RecordedModel:
    """Gives the recorded answers to a chat, and raises an error if there are too few.

    `answers` maps a chat to its recorded samples, of which sample i belongs to seed `seed` + i: the
    first also stands in for a greedy answer. With a store it is empty: the `StoredModel` around
    this model finds all recorded answers itself. `source` names the record in errors.
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
        """Return the recorded samples from `sampling.seed` on. Raises ModelError if too few."""
        samples = self._answers.get(tuple(messages), ())
        first = sampling.seed - self._seed
        found = list(samples[first : first + n]) if first >= 0 else []
        if len(found) < n:
            hint = "" if sampling.temperature else "; try --draft.first sampled"
            raise ModelError(
                f"{self._source} holds {len(samples)} answers to the request that begins "
                f"{_beginning(messages)!r}, but {n} more were asked for{hint}"
            )
        return found

    async def aclose(self) -> None:
        """Do nothing: there are no connections to close."""


def _beginning(messages: Sequence[Message]) -> str:
    text = " ".join(messages[-1].content.split()) if messages else ""
    return text[:100]
