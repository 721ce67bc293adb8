from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.config import DraftConfig, ModelConfig, RunConfig
from agent.errors import ModelError
from agent.models.opening import OpenedModel, open_model
from agent.models.store import Request, Store
from agent.models.stored import StoredModel
from agent.prompts import messages_for_tests
from agent.prompts.drafts import messages_for_draft
from agent.types import Completion, Message, Problem, Sampling


def draft(problem: Problem) -> tuple[Message, ...]:
    return messages_for_draft(problem, ModelConfig())


def samples(path: Path, *texts: str) -> ModelConfig:
    lines = [json.dumps({"task_id": "Own/0", "completion": text}) for text in texts]
    path.write_text("\n".join(lines))
    return ModelConfig(backend="recorded", path=path)


async def test_a_samples_file_answers_drafts_in_its_order(tmp_path: Path, problem: Problem) -> None:
    opened = await open_model(samples(tmp_path / "s.jsonl", "a", "b", "c"), [problem], seed=5)
    answers = await opened.model.complete(draft(problem), 2, Sampling(seed=5))
    later = await opened.model.complete(draft(problem), 1, Sampling(seed=7))
    assert [answer.text for answer in [*answers, *later]] == ["a", "b", "c"]


async def from_store(folder: Path, problem: Problem) -> tuple[OpenedModel, StoredModel]:
    """Open a store that holds one sampled draft, `kept`."""
    path = folder / "old.sqlite"
    store = Store(path)
    store.put(Request("served/m", draft(problem), Sampling()), 0, [Completion(text="kept")])
    store.close()
    opened = await open_model(ModelConfig(backend="recorded", path=path), [problem], 0)
    return opened, StoredModel(opened.model, opened.stores)


async def test_the_first_sample_stands_in_for_a_greedy_answer(
    tmp_path: Path, problem: Problem
) -> None:
    path = samples(tmp_path / "s.jsonl", "a", "b", "c")
    opened = await open_model(path, [problem], seed=7)
    config = RunConfig(seed=7, draft=DraftConfig(first="greedy"))
    greedy = await opened.model.complete(draft(problem), 1, config.sampling(0))
    others = await opened.model.complete(draft(problem), 2, config.sampling_of_drafts())
    assert [answer.text for answer in [*greedy, *others]] == ["a", "b", "c"]
    with pytest.raises(ModelError, match=r"but 3 more were asked for$"):
        await opened.model.complete(draft(problem), 3, config.sampling_of_drafts())


async def test_a_store_without_greedy_answers_says_what_helps(
    tmp_path: Path, problem: Problem
) -> None:
    chat = draft(problem)
    opened, model = await from_store(tmp_path, problem)
    with pytest.raises(ModelError, match=r"try --draft\.first sampled"):
        await model.complete(chat, 1, Sampling(temperature=0))
    await opened.aclose()


async def test_what_is_missing_is_named(tmp_path: Path, problem: Problem) -> None:
    opened = await open_model(samples(tmp_path / "s.jsonl", "a"), [problem], seed=0)
    with pytest.raises(ModelError, match=r"s\.jsonl holds 1 answers.*Here is the start.*2 more"):
        await opened.model.complete(draft(problem), 2, Sampling())
    with pytest.raises(ModelError, match=r"s\.jsonl holds 0 answers"):
        await opened.model.complete(messages_for_tests(problem, 3, ModelConfig()), 1, Sampling())


async def test_a_store_answers_for_the_model_that_filled_it(
    tmp_path: Path, problem: Problem
) -> None:
    chat = draft(problem)
    opened, model = await from_store(tmp_path, problem)
    assert (await model.complete(chat, 1, Sampling()))[0].text == "kept"
    with pytest.raises(ModelError, match=r"old\.sqlite holds 0 answers"):
        await model.complete(chat, 1, Sampling(seed=1))
    await opened.aclose()


async def test_a_store_of_several_models_wants_a_name(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    store = Store(path)
    for name in ("served/a", "served/b"):
        store.put(Request(name, [], Sampling()), 0, [Completion(text="x")])
    store.close()
    with pytest.raises(ModelError, match=r"holds answers of served/a, served/b; choose one with"):
        await open_model(ModelConfig(backend="recorded", path=path), [], 0)


async def test_a_file_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"needs --model\.path FILE"):
        await open_model(ModelConfig(backend="recorded"), [], 0)
