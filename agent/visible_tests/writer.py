"""The interface between a source of visible tests and the run: settings, and a model to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.config import ModelConfig, RunConfig, TestsConfig
from agent.models.base import Model
from agent.prompts import stop_strings
from agent.types import Call, Completion, Message, Problem, VisibleTest


class Writer(Protocol):
    """The settings and the model, for a source of tests. Requests are recorded and counted."""

    @property
    def settings(self) -> TestsConfig:
        """The settings `tests`."""
        ...

    @property
    def manner(self) -> ModelConfig:
        """The settings `model`, among them the endpoint, prefill and thinking."""
        ...

    async def ask(self, messages: Sequence[Message] | str, n: int) -> tuple[Completion, ...]:
        """Return `n` answers to a chat, or to a text that is sent as the only user message."""
        ...


class VisibleTestSource(Protocol):
    """The interface of a source: a module of `agent/visible_tests/sources/`, or a file by path."""

    async def tests(self, problem: Problem, writer: Writer) -> Sequence[VisibleTest]:
        """Return tests of one problem, each with its origin.

        Tests of origin `docstring` are binding: an answer has to pass them. Tests of origin
        `generated` are votes; one that every do-nothing program passes is removed.
        """
        ...


@dataclass
class RecordingWriter:
    """A writer that records every request in `calls`."""

    model: Model
    config: RunConfig
    calls: list[Call] = field(default_factory=list)

    @property
    def settings(self) -> TestsConfig:
        """The settings `tests`."""
        return self.config.tests

    @property
    def manner(self) -> ModelConfig:
        """The settings `model`."""
        return self.config.model

    async def ask(self, messages: Sequence[Message] | str, n: int) -> tuple[Completion, ...]:
        """Return `n` answers to a chat or a text. Raises ModelError if the model fails."""
        if isinstance(messages, str):
            messages = (Message(role="user", content=messages),)
        chat, sampling = tuple(messages), self.config.sampling(self.settings.temperature)
        sampling = sampling.model_copy(update={"stop": stop_strings(chat)})
        answers = tuple(await self.model.complete(chat, n, sampling))
        self.calls.append(
            Call(purpose="tests", round=0, messages=chat, sampling=sampling, completions=answers)
        )
        return answers
