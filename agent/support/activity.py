"""What a run is doing at the moment, for whoever watches. No result depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from agent.types import Completion, usage_of

Say = Callable[[str], None]
"""Tells whoever watches, in a line."""


def silent(line: str) -> None:
    """Tell nobody."""


@dataclass
class Activity:
    """Counts that the parts of a run keep up to date."""

    requests: int = 0
    """In flight to the model."""
    tokens: int = 0
    """That the model has written, all told."""
    programs: int = 0
    """Running in the sandbox, or waiting for a slot."""

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A request is in flight."""
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    def answered(self, answers: Sequence[Completion]) -> None:
        """A request was answered."""
        self.tokens += usage_of(answers).completion_tokens

    @contextmanager
    def running(self) -> Iterator[None]:
        """A program is in the sandbox."""
        self.programs += 1
        try:
            yield
        finally:
            self.programs -= 1
