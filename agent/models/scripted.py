"""A model with a fixed list of answers, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.errors import ModelError
from agent.types import Completion, Message, Sampling, Usage


class ScriptedModel:
    """Gives its answers in order, and records the chats that it was asked in `asked`.

    It counts one token per word.
    """

    identity = "scripted"

    def __init__(self, answers: Iterable[str | Completion]):
        self._answers = iter(answers)
        self.asked: list[tuple[Message, ...]] = []

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """Return the next `n` answers of the script. Raises ModelError if fewer are left."""
        self.asked.append(tuple(messages))
        prompt = sum(len(message.content.split()) for message in messages)
        answers = [answer for _, answer in zip(range(n), self._answers, strict=False)]
        if len(answers) < n:
            raise ModelError(f"the script has {len(answers)} answers left, but {n} were asked for")
        return [_completion(answer, prompt) for answer in answers]


def _completion(answer: str | Completion, prompt_tokens: int) -> Completion:
    if isinstance(answer, Completion):
        return answer
    usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=len(answer.split()))
    return Completion(text=answer, usage=usage)
