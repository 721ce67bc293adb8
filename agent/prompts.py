"""Renders the templates in prompts/. Everything that a model is ever told stands there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.types import Call, Message, Problem

FOLDER = Path(__file__).resolve().parent.parent / "prompts"
_OBSERVER = Path(__file__).resolve().parent / "observer.py"


def render(template: str, **values: object) -> tuple[Message, ...]:
    """One user turn from a template, `draft/user.j2` say. A value that is missing is an error."""
    text = _environment().get_template(template).render(**values)
    return (Message(role="user", content=text.rstrip("\n")),)


def messages_for_draft(problem: Problem) -> tuple[Message, ...]:
    """What asks for a first program."""
    return render("draft/user.j2", problem=problem)


def messages_for_tests(problem: Problem, count: int) -> tuple[Message, ...]:
    """What asks for `count` asserts."""
    return render("tests/user.j2", problem=problem, count=count)


def messages_for_inputs(problem: Problem, count: int) -> tuple[Message, ...]:
    """What asks for `count` calls without values."""
    return render("inputs/user.j2", problem=problem, count=count)


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
    named[_OBSERVER.name] = _OBSERVER
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
