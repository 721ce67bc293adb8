"""Rendering of the templates in prompts/, which hold all texts that a model gets."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.config import ModelConfig
from agent.parsing.source import find_function
from agent.support.data import data_folder
from agent.types import Call, Message, Problem

FOLDER = data_folder("prompts")
_OBSERVER = Path(__file__).resolve().parent.parent / "repair" / "watch" / "inside.py"
_FENCE = "```python\n"
_AFTER_FUNCTION = ("\nclass ", "\ndef ", "\nif ", "\nprint(")


def render(template: str, **values: object) -> tuple[Message, ...]:
    """Return one user turn from a template such as `tests/user.j2`. A missing value is an error."""
    text = environment().get_template(template).render(**values)
    return (Message(role="user", content=text.rstrip("\n")),)


def messages_for_tests(problem: Problem, count: int, model: ModelConfig) -> tuple[Message, ...]:
    """Return the prompt for `count` asserts."""
    prompt = render("tests/user.j2", problem=problem, count=count)
    return _prefilled(prompt, f"assert {problem.entry_point}(", model)


def messages_for_inputs(problem: Problem, count: int, model: ModelConfig) -> tuple[Message, ...]:
    """Return the prompt for `count` calls without expected values."""
    prompt = render("inputs/user.j2", problem=problem, count=count)
    return _prefilled(prompt, f"{problem.entry_point}(", model)


def prefilled_program(
    messages: tuple[Message, ...], problem: Problem, model: ModelConfig
) -> tuple[Message, ...]:
    """Return the messages with the start of the answer: the fence, then the signature if found.

    Small models forget the fence and rename the function. If `model.begins` is false, the messages
    are returned unchanged.
    """
    function = find_function(problem.prompt, problem.entry_point)
    return _prefilled(messages, problem.prompt[: function.header] if function else "", model)


def _prefilled(
    messages: tuple[Message, ...], start: str, model: ModelConfig
) -> tuple[Message, ...]:
    # No trailing space: chat templates strip it, and the model could not write tokens across it.
    opening = Message(role="assistant", content=f"{_FENCE}{start}".rstrip())
    return (*messages, opening) if model.begins else messages


def stop_strings(messages: Sequence[Message]) -> tuple[str, ...]:
    """Return the stop strings of a prefilled answer: its fence, or what follows a bare function.

    At most four, the number that servers accept. Other answers, and begun reasoning, have none.
    """
    last = messages[-1]
    if last.role != "assistant":
        return ()
    if len(messages) == 1:
        return _AFTER_FUNCTION
    return ("\n```",) if _FENCE.rstrip() in last.content else ()


def size(messages: Sequence[Message]) -> int:
    """Return the size of a chat's texts in bytes."""
    return sum(len(message.content.encode()) for message in messages)


def tokens_per_byte(calls: Sequence[Call]) -> float:
    """Return the largest number of prompt tokens per byte in these requests, at least 1/3.

    1/3 is more than the tokenizers of code models need for text. A tokenizer with a tiny vocabulary
    needs more, which the requests then show. If a server does not count tokens, the result is 1/3.
    """
    seen = (call.usage.prompt_tokens / max(1, size(call.messages)) for call in calls)
    return max([1 / 3, *seen])


def prompt_hashes() -> dict[str, str]:
    """Return the SHA-256 of each file of prompts/, by its path there, and of the observer.

    The hashes are part of a run's provenance: a replay with other texts is refused. The observer is
    included because its source is part of every program that a probe runs.
    """
    named = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.j*"))}
    # Their former file names, as recorded by all runs so far.
    named["draft/user.j2"], named["observer.py"] = named.pop("draft/function.j2"), _OBSERVER
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named.items()}


@cache
def environment() -> Environment:
    """Return the environment of the templates."""
    # Prompts are plain text for a model, not HTML, so nothing is escaped.
    return Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
