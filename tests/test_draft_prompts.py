"""The prompts for drafts: golden files of each, and the settings that choose and change them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agent.config import ModelConfig, PromptConfig, RunConfig
from agent.errors import ConfigError
from agent.models.served.model import home_of
from agent.prompts import FOLDER, stop_strings
from agent.prompts.drafts import (
    DRAFTS,
    load_prompt,
    messages_for_draft,
    messages_for_plan,
    prompt_names,
)
from agent.types import Message, Problem
from tests.conftest import Golden

NAMES = prompt_names()
EXAMPLE = {
    "entry_point": "twice",
    "prompt": "def twice(x):\n",
    "solution": "def twice(x):\n    x\n",
}


def told(messages: tuple[Message, ...]) -> str:
    return "".join(f"[{message.role}]\n{message.content}\n" for message in messages)


def asked(problem: Problem, prompt: PromptConfig) -> tuple[Message, ...]:
    """Return the first request of a draft: for its plan, or for the program."""
    model = ModelConfig()
    plan = messages_for_plan(problem, model, prompt)
    return plan or messages_for_draft(problem, model, prompt)


def own(folder: Path, text: str) -> PromptConfig:
    path = folder / "mine.j2"
    path.write_text(text)
    return PromptConfig(template=path)


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_and_what_is_begun_for_the_model(
    problem: Problem, golden: Golden, name: str
) -> None:
    prompt, begun = PromptConfig(name=name), ModelConfig(prefill=True)
    planned = messages_for_plan(problem, ModelConfig(), prompt)
    plan = "1. Sort the values." if planned else None
    messages = messages_for_draft(problem, ModelConfig(), prompt, plan)
    *same, opening = messages_for_draft(problem, begun, prompt, plan)
    assert tuple(same) == messages
    assert opening.role == "assistant"
    assert opening.content == opening.content.rstrip(), "chat templates strip it"
    ends = f"== begun with, stops {stop_strings((*same, opening))}\n{opening.content}\n"
    golden(f"prompts/drafts/{name}.txt", told(messages) + ends)


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_holds_the_problem_once_and_no_word_of_tests(
    problem: Problem, name: str
) -> None:
    """The embedded backend takes a request that asks for asserts for one of tests."""
    text = told(asked(problem, PromptConfig(name=name)))
    assert text.count("def second_largest(values: List[int]) -> int:") == 1
    assert text.count("Return the second largest of the values.") == 1
    assert re.search(r"\bassert\b|test cases", text) is None


@pytest.mark.parametrize("name", NAMES)
def test_over_completions_a_prompt_is_a_text_that_ends_in_the_answers_beginning(
    problem: Problem, name: str
) -> None:
    model, prompt = ModelConfig(endpoint="completions"), PromptConfig(name=name)
    messages = messages_for_draft(problem, model, prompt)
    assert messages[-1].role == "assistant"
    assert "system" not in {message.role for message in messages}
    if name in ("function", "completion"):
        assert told(messages) == f"[assistant]\n{problem.prompt.rstrip()}\n"


@pytest.mark.parametrize("name", NAMES)
def test_prompts_of_two_problems_are_told_apart_by_a_pool_of_servers(
    problem: Problem, name: str
) -> None:
    """Worked examples and system messages are the same for all problems."""
    text = problem.prompt.replace("second_largest", "second")
    other = Problem(task_id="Own/1", prompt=text, entry_point="second")
    prompt = PromptConfig(name=name)
    homes = {home_of(asked(one, prompt)) for one in (problem, other)}
    assert len(homes) == 2


def test_every_prompt_names_its_published_form() -> None:
    without = [name for name in NAMES if not (DRAFTS / f"{name}.j2").read_text().startswith("{# ")]
    assert without == ["function"], "its text, which old runs have hashed, must not change"


def test_the_signatures_parts_of_a_prompt_that_is_not_python(golden: Golden) -> None:
    odd = Problem(task_id="Own/1", prompt="Write `add`, please.\n", entry_point="add")
    messages = messages_for_draft(odd, ModelConfig(), PromptConfig(name="signature"))
    golden("prompts/drafts/signature_of_prose.txt", told(messages))


def test_a_system_message_of_the_user_replaces_that_of_the_prompt(problem: Problem) -> None:
    for name in ("function", "assistant", "two_stage"):
        messages = asked(problem, PromptConfig(name=name, system="Be brief."))
        assert [m.content for m in messages if m.role == "system"] == ["Be brief."]
    none = messages_for_draft(problem, ModelConfig(), PromptConfig(name="assistant", system=""))
    assert [m.role for m in none] == ["user"]


def test_a_template_of_the_user_may_use_ours_and_have_turns(
    problem: Problem, tmp_path: Path
) -> None:
    plain = own(tmp_path, '{% include "problem.j2" %}\nGo.\n')
    (message,) = messages_for_draft(problem, ModelConfig(), plain)
    assert message.content.endswith("```\nGo.")
    load_prompt.cache_clear()
    turns = own(tmp_path, "{% block user %}A{% endblock %}{% block assistant %}B{% endblock %}")
    begun = messages_for_draft(problem, ModelConfig(prefill=True), turns)
    assert told(begun) == "[user]\nA\n[assistant]\nB\n"
    load_prompt.cache_clear()


def test_files_of_the_user_are_hashed(tmp_path: Path) -> None:
    settings = own(tmp_path, "{{ examples }}")
    examples = tmp_path / "e.jsonl"
    examples.write_text(json.dumps(EXAMPLE))
    both = settings.model_copy(update={"examples": examples})
    assert load_prompt(both).hashes.keys() == {str(examples), str(settings.template)}
    assert load_prompt(PromptConfig()).hashes == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{% if %}", "mine.j2:1: Expected an expression"),
        ("{{ nothing }}", "mine.j2: 'nothing' is undefined"),
        ('{% include "nothing.j2" %}', "mine.j2: 'nothing.j2' not found"),
        ("{% block system %}A{% endblock %}", "has no text for the user's turn, block user"),
        (" ", "has no text for the user's turn"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    load_prompt.cache_clear()
    with pytest.raises(ConfigError) as refused:
        load_prompt(own(tmp_path, text))
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_settings_that_name_nothing_or_have_no_use_are_refused_in_one_line(tmp_path: Path) -> None:
    examples = tmp_path / "e.jsonl"
    examples.write_text(json.dumps(EXAMPLE))
    for settings, complaint in (
        (PromptConfig(name="functoin"), f"unknown 'functoin'; available: {', '.join(NAMES)}, or"),
        (PromptConfig(template=tmp_path / "no.j2"), "no.j2: No such file"),
        (PromptConfig(examples=examples), "the prompt function shows no examples"),
        (PromptConfig(name="script", template=examples), "exclude each other"),
    ):
        with pytest.raises(ConfigError) as refused:
            load_prompt(settings)
        assert complaint in str(refused.value)


def test_a_text_has_no_system_message() -> None:
    settings = {"draft": {"prompt": {"system": "A"}}, "model": {"endpoint": "completions"}}
    with pytest.raises(ValueError, match="completions have no system message"):
        RunConfig.model_validate(settings)


def test_the_folder_of_prompts_has_no_file_that_is_neither_prompt_nor_part() -> None:
    assert {path.suffix for path in FOLDER.rglob("*.*")} == {".j2", ".jsonl"}
