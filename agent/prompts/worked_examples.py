"""Worked examples for prompts: JSON lines of functions with their solutions.

Each line has `entry_point`, `prompt` (signature and docstring) and `solution` (the whole program),
and may have a `thought`, the reasoning that leads to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from agent.datasets.jsonl import read_lines
from agent.errors import ConfigError, DatasetError
from agent.parsing.source import find_function
from agent.types import Problem, Record

SETTING = "draft.prompt.examples"
_RUN_WORDS = 10
"""Length, in words, of a text that two docstrings do not share by chance."""


class WorkedExample(Record):
    """A function and its solution, shown in a prompt."""

    entry_point: str
    prompt: str
    solution: str
    thought: str = ""

    @property
    def names(self) -> set[str]:
        """Names of all functions of the example."""
        return {self.entry_point, *re.findall(r"\bdef (\w+)", f"{self.prompt}\n{self.solution}")}


def read_examples(path: Path) -> tuple[WorkedExample, ...]:
    """Return the examples of a file. Raises ConfigError, with file and line, if it is not one."""
    found = []
    try:
        for number, value in read_lines(path):
            try:
                found.append(WorkedExample.model_validate(value))
            except ValidationError as error:
                wrong = error.errors()[0]
                key, reason = ".".join(map(str, wrong["loc"])), wrong["msg"].lower()
                raise ConfigError(f"{SETTING}: {path}:{number}: {key}: {reason}") from None
    except DatasetError as error:
        raise ConfigError(f"{SETTING}: {error}") from None
    if not found:
        raise ConfigError(f"{SETTING}: {path}: has no examples")
    return tuple(found)


def check_unknown(
    examples: Sequence[WorkedExample], problems: Iterable[Problem], place: object
) -> None:
    """Raise ConfigError if a function's name or text occurs in the benchmark's problems."""
    problems = tuple(problems)
    names = {problem.entry_point: problem.task_id for problem in problems}
    runs = {run: problem.task_id for problem in problems for run in _runs(problem)}
    for number, example in enumerate(examples, 1):
        here = f"{SETTING}: {place}: example {number}"
        for name in sorted(names.keys() & example.names):
            raise ConfigError(f"{here}: the benchmark has a function {name}, too ({names[name]})")
        for run in _runs(example):
            if run in runs:
                raise ConfigError(f"{here}: the text {run!r} is in the benchmark ({runs[run]})")


def _runs(one: WorkedExample | Problem) -> Iterator[str]:
    """Yield all runs of words of a docstring; all its words as one run if they are few."""
    function = find_function(one.prompt, one.entry_point)
    text = function.docstring if function else None
    words = re.findall(r"\w+", (one.prompt[text.start : text.end] if text else one.prompt).lower())
    for start in range(max(1, len(words) - _RUN_WORDS + 1) if words else 0):
        yield " ".join(words[start : start + _RUN_WORDS])
