"""Models of one name and different weights: they are told apart, and never mixed in silence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.config import ModelConfig
from agent.errors import ModelError, RefusedError
from agent.models.fingerprint import ServedIdentity, differences, told_apart
from agent.models.opening import OpenedModel, open_model
from agent.models.served import server_pool
from agent.models.store import Request, Store
from agent.models.stored import StoredModel, introduce
from agent.support.activity import silent
from agent.types import Completion, Message, Sampling
from tests.stub_server import Server, choice, running

CHAT = (Message(role="user", content="hello"),)


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    with running() as one, running() as other:
        yield one, other


async def opened(*servers: Server, said: Any = None, **settings: Any) -> OpenedModel:
    urls = ",".join(server.url for server in servers)
    say = silent if said is None else said.append
    return await open_model(ModelConfig(base_url=urls, **settings), [], 0, say=say)


async def identity(*servers: Server, **settings: Any) -> str:
    model = await opened(*servers, **settings)
    await model.aclose()
    return model.model.identity


def change_text(server: Server) -> None:
    server.probe_answer = choice("other weights")


def change_reasoning(server: Server) -> None:
    """Answer as if a reasoning parser had taken the same text as a thought."""
    server.probe_answer = choice(None)
    server.probe_answer["message"]["reasoning"] = "a river runs"


def change_root(server: Server) -> None:
    server.models["data"][0]["root"] = "/weights/other"


def change_parent(server: Server) -> None:
    server.models["data"][0]["parent"] = "base"


def change_context(server: Server) -> None:
    server.models["data"][0]["max_model_len"] = 4096


CHANGES = {
    "answer": (change_text, "name, root and context are the same, but the answer to the probe"),
    "reasoning": (change_reasoning, "name, root and context are the same, but the answer"),
    "root": (change_root, "root is /weights/other, not unknown"),
    "parent": (change_parent, "parent is base"),
    "context": (change_context, "context is 4096"),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_each_fact_of_the_server_is_part_of_the_identity(server: Server, name: str) -> None:
    before = await identity(server)
    assert await identity(server) == before
    CHANGES[name][0](server)
    after = await identity(server)
    assert before != after
    assert before.partition("#")[0] == after.partition("#")[0] == "served/small-coder"
    assert server.bodies == []


async def test_vllm_tells_chat_templates_apart_by_the_tokens_of_the_prompt(server: Server) -> None:
    server.models["data"][0]["owned_by"] = "vllm"
    before = await identity(server)
    server.usage = {"prompt_tokens": 9, "completion_tokens": 5}
    assert await identity(server) != before


async def test_the_probe_is_one_short_greedy_chat(server: Server) -> None:
    model = await opened(server)
    await model.aclose()
    (body,) = server.probes
    assert (body["temperature"], body["n"]) == (0, 1)
    assert body["max_tokens"] <= 32
    cost = {"requests": 1, "prompt_tokens": 7, "completion_tokens": 5}
    assert model.facts["probe"] == cost


async def test_a_label_replaces_the_fingerprint_and_the_probe(server: Server) -> None:
    assert await identity(server, label="mine") == "served/small-coder#mine"
    change_text(server)
    change_root(server)
    assert await identity(server, label="mine") == "served/small-coder#mine"
    assert server.probes == []


@pytest.mark.parametrize(
    ("statuses", "answer", "asked"),
    [
        ([400, 404], choice("x"), 2),
        ([500] * 9, choice("x"), 4),
        ([], choice(None), 1),
        ([], choice(""), 1),
    ],
)
async def test_a_server_without_an_answer_to_the_probe_is_known_by_the_rest(
    server: Server, statuses: list[int], answer: dict[str, Any], asked: int
) -> None:
    said: list[str] = []
    server.probe_statuses, server.probe_answer = statuses, answer
    server.complaint = "not here"
    first = await opened(server, said=said)
    assert first.known is not None
    assert first.known.probe is None
    assert len(server.probes) == asked
    (line,) = said
    assert "gives no answer that identifies the model" in line
    assert await first.model.complete(CHAT, 1, Sampling())
    await first.aclose()
    change_context(server)
    assert await identity(server) != first.model.identity


async def test_a_base_model_without_chats_is_probed_with_a_text(server: Server) -> None:
    server.probe_statuses, server.complaint = [400], "the model has no chat template"
    model = await opened(server)
    await model.aclose()
    assert model.known is not None
    assert model.known.probe
    assert ["messages" in body for body in server.probes] == [True, False]


@pytest.mark.parametrize("name", CHANGES)
async def test_servers_of_one_list_must_agree(pair: tuple[Server, Server], name: str) -> None:
    CHANGES[name][0](pair[1])
    with pytest.raises(ModelError) as error:
        await opened(*pair)
    for words in (pair[0].url, pair[1].url, CHANGES[name][1], "--model.label"):
        assert words in str(error.value)
    assert await identity(*pair, label="same") == "served/small-coder#same"


async def test_servers_that_agree_are_one_model(pair: tuple[Server, Server]) -> None:
    assert await identity(*pair) == await identity(pair[0]) == await identity(pair[1])


async def ask(model: OpenedModel) -> list[Completion]:
    return await model.model.complete(CHAT, 1, Sampling())


class Told:
    """Lines for the user; `first` is set with the first of them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.first = asyncio.Event()

    def append(self, line: str) -> None:
        self.lines.append(line)
        self.first.set()


async def asked_while_gone(server: Server, told: Told) -> tuple[OpenedModel, asyncio.Future[Any]]:
    """Stop a server, and return the model and a request that waits for the server."""
    model = await opened(server, said=told, patience=30)
    server.stop()
    waiting = asyncio.ensure_future(ask(model))
    await told.first.wait()
    return model, waiting


async def test_a_server_that_comes_back_with_other_weights_ends_the_run(server: Server) -> None:
    model, waiting = await asked_while_gone(server, Told())
    with running(server.server_port) as other:
        change_text(other)
        with pytest.raises(RefusedError, match="is back with another model as small-coder"):
            await waiting
        assert other.bodies == []
    await model.aclose()


async def test_a_server_that_comes_back_as_it_was_is_asked(server: Server) -> None:
    told = Told()
    model, waiting = await asked_while_gone(server, told)
    with running(server.server_port) as again:
        assert await waiting
        assert len(again.probes) == len(again.bodies) == 1
    await model.aclose()
    first, last = told.lines
    assert first.endswith("; waiting up to 30 s for the server")
    assert last == f"model: {server.url} answers again"


async def test_a_server_that_was_absent_at_the_start_is_checked_before_it_is_used(
    pair: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_pool, "_RETURN_SECONDS", 0.0)
    pair[0].stop()
    model = await opened(*pair)

    async def ask_of_many_problems() -> None:
        for number in range(20):  # each problem has its own server
            chat = (Message(role="user", content=f"{number}"),)
            await model.model.complete(chat, 1, Sampling())

    with running(pair[0].server_port) as other:
        change_root(other)
        with pytest.raises(RefusedError, match="root is /weights/other"):
            await ask_of_many_problems()
        assert other.bodies == []
    await model.aclose()


A = ServedIdentity(name="m", root="a", context=2048, probe="1")
B = A.model_copy(update={"root": "b"})
LABELLED = ServedIdentity(name="m", label="mine")


def test_differences_are_told_fact_by_fact() -> None:
    assert differences(A, A) == []
    assert told_apart(A, B) == "root is b, not a"
    probe = A.model_copy(update={"probe": "2"})
    assert told_apart(A, probe).startswith("name, root and context are the same, but")
    assert told_apart(A, LABELLED) == f"label is mine, not {A.mark}"
    assert differences(A, ServedIdentity(name="m", label=A.mark)) == []
    # A label may be a fingerprint: whoever knows that the weights are the same gives it.
    assert str(ServedIdentity(name="m", label=A.mark)) == str(A)


class Fixed:
    """A model with a fixed identity."""

    def __init__(self, identity: ServedIdentity):
        self.identity = str(identity)
        self.asked = 0

    async def complete(self, messages: Any, n: int, sampling: Sampling) -> list[Completion]:
        self.asked += n
        return [Completion(text=self.identity)] * n


async def answer(store: Store, identity: ServedIdentity, said: list[str]) -> str:
    """Return the answer to one request, through a store."""
    introduce(identity, store, said.append)
    (given,) = await StoredModel(Fixed(identity), [store]).complete(CHAT, 1, Sampling())
    return given.text


async def test_other_weights_of_a_name_are_asked_anew_and_a_line_says_so(tmp_path: Path) -> None:
    store, said = Store(tmp_path / "s.sqlite"), list[str]()
    assert await answer(store, A, said) == str(A)
    assert said == []
    assert await answer(store, B, said) == str(B)
    (line,) = said
    assert "root is b, not a" in line
    assert "sent anew" in line
    assert f"--model.label {A.mark}" in line
    # Nothing is deleted: both models' answers are found from now on, without a word.
    assert await answer(store, A, said) == str(A)
    assert await answer(store, B, said) == str(B)
    assert len(said) == 1
    labelled = ServedIdentity(name="m", label=A.mark)
    assert await answer(store, labelled, said) == str(A)
    store.close()


async def test_a_store_of_a_former_version_belongs_to_the_first_identity_and_a_line_says_so(
    tmp_path: Path,
) -> None:
    store, said = Store(tmp_path / "s.sqlite"), list[str]()
    store.put(Request("served/m", CHAT, Sampling()), 0, [Completion(text="old")])
    store.refuse(Request("served/m", CHAT, Sampling(seed=7)), "too long")
    assert await answer(store, A, said) == "old"
    assert "has 1 answers of m from a former version" in said.pop()
    assert await answer(store, B, said) == str(B)
    assert "root is b, not a" in said.pop()
    assert await answer(store, A, said) == "old"
    assert store.models() == [str(A), str(B)] or store.models() == [str(B), str(A)]
    store.close()


async def test_recorded_answers_are_chosen_by_the_plain_name_if_that_is_enough(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s.sqlite"
    store, said = Store(path), list[str]()
    store.put(Request("served/m", CHAT, Sampling(seed=1)), 0, [Completion(text="old")])
    await answer(store, A, said)
    for name in (None, "m", "served/m", str(A)):
        found = await open_model(ModelConfig(backend="recorded", path=path, name=name), [], 0)
        assert found.model.identity == str(A)
        model = StoredModel(found.model, found.stores)
        assert (await model.complete(CHAT, 1, Sampling()))[0].text == str(A)
        assert (await model.complete(CHAT, 1, Sampling(seed=1)))[0].text == "old"
        await found.aclose()
    await answer(store, B, said)
    store.close()
    for name in (None, "m", "served/m", "served/other"):
        with pytest.raises(ModelError) as error:
            await open_model(ModelConfig(backend="recorded", path=path, name=name), [], 0)
        assert str(A) in str(error.value)
        assert str(B) in str(error.value)
    found = await open_model(ModelConfig(backend="recorded", path=path, name=str(B)), [], 0)
    assert found.model.identity == str(B)
    await found.aclose()


def test_facts_survive_a_manifest() -> None:
    facts = json.loads(json.dumps(A.model_dump(exclude_none=True)))
    assert ServedIdentity.model_validate(facts) == A
