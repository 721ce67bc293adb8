"""Golden files of the exact prompts. `UPDATE_GOLDEN=1 make pytest` rewrites them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from agent.answers.extractors.codeloop import extract as read_program
from agent.config import ModelConfig
from agent.prompts import (
    FOLDER,
    messages_for_inputs,
    messages_for_tests,
    prefilled_program,
    prompt_hashes,
    render,
    stop_strings,
)
from agent.prompts.drafts import messages_for_draft
from agent.repair import STRATEGIES
from agent.types import Message, Problem
from tests.conftest import Golden
from tests.repair.script import fenced, loop


def told(messages: tuple[Message, ...]) -> str:
    return "".join(f"[{message.role}]\n{message.content}\n" for message in messages)


def test_draft(problem: Problem, golden: Golden) -> None:
    golden("prompts/draft.txt", told(messages_for_draft(problem, ModelConfig())))


def test_tests(problem: Problem, golden: Golden) -> None:
    golden("prompts/tests.txt", told(messages_for_tests(problem, 5, ModelConfig())))


@pytest.mark.parametrize(
    ("name", "manner"),
    [("prefill", {"prefill": True}), ("completions", {"endpoint": "completions"})],
)
def test_what_is_begun_for_the_model(
    problem: Problem, golden: Golden, name: str, manner: dict[str, Any]
) -> None:
    model = ModelConfig(**manner)
    asked = {
        "draft": messages_for_draft(problem, model),
        "tests": messages_for_tests(problem, 5, model),
        "inputs": messages_for_inputs(problem, 5, model),
        "repair": prefilled_program((Message(role="user", content="Fix it."),), problem, model),
    }
    text = "".join(f"== {key}, stops {stop_strings(m)}\n{told(m)}" for key, m in asked.items())
    golden(f"prompts/begun_{name}.txt", text)


@pytest.mark.parametrize("code", ["    a = sorted(values)\n    return a[-2]\n", "  x =("])
@pytest.mark.parametrize("manner", [{"prefill": True}, {"endpoint": "completions"}])
def test_what_goes_on_from_a_beginning_is_read_as_one_program(
    problem: Problem, manner: dict[str, Any], code: str
) -> None:
    opening = messages_for_draft(problem, ModelConfig(**manner))[-1].content
    program = read_program(problem, f"{opening}\n{code}")
    assert program.count("def second_largest") == 1
    assert code.strip() in program
    assert program.count("from typing import List") == 1


def test_a_chat_that_is_not_begun_is_stopped_by_nothing(problem: Problem) -> None:
    assert stop_strings(messages_for_draft(problem, ModelConfig())) == ()


@pytest.mark.parametrize("name", sorted({*STRATEGIES.names()} - {"patch"}))  # it asks nothing
async def test_repairs_share_the_beginning_of_the_drafts(
    problem: Problem, tmp_path: Path, name: str
) -> None:
    answers = [fenced("--"), *(fenced(f"-- {i}") for i in range(4))]
    settings = {"strategy": name}
    trace = await loop(problem, answers, tmp_path, rounds=1, repair=settings)
    draft, *others = (call.messages[0].content for call in trace.calls)
    shared = draft[: draft.index("Complete it.")].rstrip()
    assert others
    assert all(content.startswith(shared) for content in others)


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("tests/user.j2")


def test_every_file_is_hashed_and_the_observer() -> None:
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*")}
    former = {"draft/user.j2", "observer.py"}
    assert set(prompt_hashes()) == files - {"draft/function.j2"} | former
    assert all(len(digest) == 64 for digest in prompt_hashes().values())


def test_prompts_of_one_problem_share_their_beginning(problem: Problem) -> None:
    draft = messages_for_draft(problem, ModelConfig())[0].content
    tests = messages_for_tests(problem, 5, ModelConfig())[0].content
    shared = draft.index("Complete it.")
    assert problem.prompt.rstrip() in draft[:shared]
    assert tests.startswith(draft[:shared])
