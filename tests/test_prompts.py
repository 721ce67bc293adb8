"""Golden files: exactly what a model is told. `UPDATE_GOLDEN=1 make pytest` writes them anew."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from agent.config import ModelConfig
from agent.prompts import (
    FOLDER,
    messages_for_draft,
    messages_for_tests,
    prompt_hashes,
    render,
)
from agent.types import Message, Problem
from tests.conftest import Golden


def told(messages: tuple[Message, ...]) -> str:
    return "".join(f"[{message.role}]\n{message.content}\n" for message in messages)


def test_draft(problem: Problem, golden: Golden) -> None:
    golden("prompts/draft.txt", told(messages_for_draft(problem, ModelConfig())))


def test_tests(problem: Problem, golden: Golden) -> None:
    golden("prompts/tests.txt", told(messages_for_tests(problem, 5, ModelConfig())))


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("draft/user.j2")


def test_every_template_is_hashed_and_the_observer() -> None:
    templates = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.j2")}
    assert set(prompt_hashes()) == templates | {"observer.py"}
    assert all(len(digest) == 64 for digest in prompt_hashes().values())


def test_prompts_of_one_problem_share_their_beginning(problem: Problem) -> None:
    draft = messages_for_draft(problem, ModelConfig())[0].content
    tests = messages_for_tests(problem, 5, ModelConfig())[0].content
    shared = draft.index("Complete it.")
    assert problem.prompt.rstrip() in draft[:shared]
    assert tests.startswith(draft[:shared])
