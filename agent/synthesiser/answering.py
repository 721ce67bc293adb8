"""The entry point of a worker process: turns a chat into the text of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from agent.synthesiser.drafting import drafts
from agent.synthesiser.reading import Asked, read
from agent.synthesiser.repairing import repair
from agent.synthesiser.testing import write_tests
from agent.synthesiser.writing import Body, fenced, program
from agent.types import Message

NO_STUB = "I see no Python function to complete."


def answer(messages: Sequence[Message], seed: int) -> str:
    """Return the answer to a chat. Depends only on its arguments, and executes no code of them."""
    task = read(messages)
    if task is None:
        return NO_STUB
    return fenced(_WRITERS[task.purpose](task, seed))


def _draft(task: Asked, seed: int) -> str:
    bodies = drafts(task, seed)
    return program(task, bodies[0] if bodies else Body("None"))


_WRITERS = {"draft": _draft, "tests": write_tests, "repair": repair}
