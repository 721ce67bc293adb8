"""The present activity of a run, for its progress display. No result depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from agent.types import Completion, usage_of

Say = Callable[[str], None]
"""A function that shows one line to the user."""


def silent(line: str) -> None:
    """Show nothing."""


@dataclass
class Activity:
    """Counts of requests, tokens and programs, which model and sandbox keep up to date."""

    requests: int = 0
    """Number of requests in flight to the model."""
    tokens: int = 0
    """Total number of tokens that the model has written."""
    programs: int = 0
    """Number of programs that run in the sandbox or wait for a slot."""

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Count a request as in flight while the context is open."""
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    def answered(self, answers: Sequence[Completion]) -> None:
        """Count the tokens of answers."""
        self.tokens += usage_of(answers).completion_tokens

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count a program as in the sandbox while the context is open."""
        self.programs += 1
        try:
            yield
        finally:
            self.programs -= 1
