"""Renders the templates in prompts/. Everything that a model is ever told stands there."""

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
_OBSERVER = Path(__file__).resolve().parent / "repair" / "watch" / "inside.py"
_FENCE = "```python\n"
_BEYOND_THE_FUNCTION = ("\nclass ", "\ndef ", "\nif ", "\nprint(")


def render(template: str, **values: object) -> tuple[Message, ...]:
    """One user turn from a template, `draft/user.j2` say. A value that is missing is an error."""
    text = _environment().get_template(template).render(**values)
    return (Message(role="user", content=text.rstrip("\n")),)


def messages_for_draft(problem: Problem, model: ModelConfig) -> tuple[Message, ...]:
    """What asks for a first program; a base model is given the bare prompt to continue."""
    if model.endpoint == "completions":
        return (Message(role="assistant", content=problem.prompt.rstrip()),)
    return begun_program(render("draft/user.j2", problem=problem), problem, model)


def messages_for_tests(problem: Problem, count: int, model: ModelConfig) -> tuple[Message, ...]:
    """What asks for `count` asserts."""
    asked = render("tests/user.j2", problem=problem, count=count)
    return _begun(asked, f"assert {problem.entry_point}(", model)


def messages_for_inputs(problem: Problem, count: int, model: ModelConfig) -> tuple[Message, ...]:
    """What asks for `count` calls without values."""
    asked = render("inputs/user.j2", problem=problem, count=count)
    return _begun(asked, f"{problem.entry_point}(", model)


def begun_program(
    messages: tuple[Message, ...], problem: Problem, model: ModelConfig
) -> tuple[Message, ...]:
    """The same with the fence and the signature as the beginning of the answer, where it has one.

    Small models forget the fence, and rename the function.
    """
    function = find_function(problem.prompt, problem.entry_point)
    return _begun(messages, problem.prompt[: function.header] if function else "", model)


def _begun(messages: tuple[Message, ...], start: str, model: ModelConfig) -> tuple[Message, ...]:
    # No space at its end: templates strip it, and tokens that span it could not be written.
    opening = Message(role="assistant", content=f"{_FENCE}{start}".rstrip())
    return (*messages, opening) if model.begins else messages


def stops(messages: Sequence[Message]) -> tuple[str, ...]:
    """What ends an answer that was begun: its fence, or the end of the bare prompt's function.

    Four at most, which is what servers take.
    """
    last = messages[-1]
    if last.role != "assistant":
        return ()
    return ("\n```",) if last.content.startswith(_FENCE.rstrip()) else _BEYOND_THE_FUNCTION


def size(messages: Sequence[Message]) -> int:
    """Bytes of a chat."""
    return sum(len(message.content.encode()) for message in messages)


def tokens_a_byte(calls: Sequence[Call]) -> float:
    """How many tokens a byte of a prompt is, as the most that these requests took.

    At least a third, which is more than the tokenizers of code models take for text. One with a
    tiny vocabulary takes more, which the requests then show; where a server counts no tokens,
    nothing does, and the third has to do.
    """
    seen = (call.usage.prompt_tokens / max(1, size(call.messages)) for call in calls)
    return max([1 / 3, *seen])


def prompt_hashes() -> dict[str, str]:
    """SHA-256 of every template, by its path under prompts/, and of the observer.

    Part of a run's provenance: a replay meets the same texts or is refused. The observer's is part
    of every program that a probe runs.
    """
    named = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.j2"))}
    named["observer.py"] = _OBSERVER  # its name of before, which every run so far has recorded
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named.items()}


@cache
def _environment() -> Environment:
    # Prompts are plain text for a model, not HTML: nothing is to be escaped.
    return Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
