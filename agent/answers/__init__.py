"""Programs read from a model's answers."""

from __future__ import annotations

from typing import Protocol, cast

from agent.answers.programs import canonical, completion_of, defines_function
from agent.support.plugins import PluginFunction, PluginKind
from agent.support.safe_text import is_text
from agent.types import Candidate, Completion, Problem

__all__ = [
    "EXTRACTORS",
    "Extractor",
    "canonical",
    "completion_of",
    "defines_function",
    "load_extractor",
    "read_candidate",
]

EXTRACTORS = PluginKind(
    name="extractor",
    setting="model.extractor",
    package="agent.answers.extractors",
    functions=(
        PluginFunction(
            "extract",
            ("problem", "text"),
            "the program as a str without lone surrogates",
            lambda value, *_: is_text(value),
        ),
    ),
)


class Extractor(Protocol):
    """The interface of an extractor: a module of `agent/answers/extractors/`, or a file's path."""

    def extract(self, problem: Problem, text: str) -> str:
        """Return the whole program in an answer, even if the program is wrong."""
        ...


def load_extractor(name: str) -> Extractor:
    """Return an extractor by its name or path. Raises PluginError if it cannot be loaded."""
    return cast(Extractor, EXTRACTORS.load(name))


def read_candidate(
    problem: Problem,
    answer: Completion,
    number: int,
    *,
    origin: str,
    parent: int | None = None,
    round_: int = 0,
    extractor: str = "codeloop",
) -> Candidate:
    """Return the candidate in an answer, read by the extractor of that name or path."""
    return Candidate(
        id=number,
        parent=parent,
        round=round_,
        origin=origin,
        source=load_extractor(extractor).extract(problem, answer.text),
        usage=answer.usage,
        finish_reason=answer.finish_reason,
        mean_logprob=answer.mean_logprob,
    )
