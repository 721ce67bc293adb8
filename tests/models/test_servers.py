"""A pool of several servers: the choice of the server, failover, and the end of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from agent.config import ModelConfig
from agent.errors import (
    PromptTooLongError,
    RefusedError,
    RunEndingError,
    ServerError,
    TransientError,
    UnreachableError,
)
from agent.models.served import server as server_module
from agent.models.served import server_pool as servers
from agent.models.served.model import ServedModel
from agent.types import Message, Sampling
from tests.stub_server import Server, running


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    with running() as one, running() as other:
        yield one, other


async def connect(said: list[str], *servers: Server, **settings: Any) -> ServedModel:
    urls = [server.url for server in servers]
    return await ServedModel.connect(ModelConfig(**settings), urls, "none", 10.0, said.append)


def chat(number: int, ending: str = "") -> tuple[Message, ...]:
    problem = f"Problem {number}: " + "what is shared. " * 20
    return (Message(role="user", content=problem + ending),)


async def test_prompts_that_begin_alike_go_to_one_server(pair: tuple[Server, Server]) -> None:
    model = await connect([], *pair)
    for number in range(24):
        for ending in ("draft", "tests", "repair"):
            await model.complete(chat(number, ending), 1, Sampling())
    await model.aclose()
    seen = [{body["messages"][0]["content"][:12] for body in server.bodies} for server in pair]
    assert not seen[0] & seen[1]
    assert all(len(problems) > 3 for problems in seen)


async def test_where_one_is_gone_the_other_is_asked(pair: tuple[Server, Server]) -> None:
    said: list[str] = []
    model = await connect(said, *pair, patience=0)
    pair[0].stop()
    for number in range(8):
        assert await model.complete(chat(number), 1, Sampling())
    await model.aclose()
    assert len(pair[1].bodies) == 8
    (line,) = said
    assert pair[0].url in line
    assert line.endswith("; the run uses the other servers")


async def test_one_that_is_not_there_at_the_start_is_named(pair: tuple[Server, Server]) -> None:
    said: list[str] = []
    pair[0].stop()
    model = await connect(said, *pair)
    assert await model.complete(chat(1), 1, Sampling())
    await model.aclose()
    assert len(said) == 1
    assert pair[0].url in said[0]


async def test_a_busy_server_is_left_for_the_other_one(pair: tuple[Server, Server]) -> None:
    for server in pair:
        server.statuses = [503]
    model = await connect([], *pair)
    assert await model.complete(chat(1), 1, Sampling())
    await model.aclose()
    assert [len(server.bodies) for server in pair] in ([1, 2], [2, 1])


async def test_a_server_that_stays_gone_ends_the_run_and_all_that_wait(server: Server) -> None:
    said: list[str] = []
    model = await connect(said, server, patience=0.5)
    server.stop()
    with pytest.raises(UnreachableError, match=r"waited 0.5 s"):
        await model.complete(chat(1), 1, Sampling())
    with pytest.raises(UnreachableError):
        await model.complete(chat(2), 1, Sampling())
    await model.aclose()
    assert len(said) == 1
    assert "waiting up to 0.5 s" in said[0]


async def test_where_all_are_gone_for_long_the_run_ends(
    pair: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_RETURN_SECONDS", 0.01)  # so every server is always tried
    model = await connect([], *pair, patience=1)
    for server in pair:
        server.stop()
    with pytest.raises(UnreachableError):
        await asyncio.wait_for(model.complete(chat(1), 1, Sampling()), 30)
    await model.aclose()


async def test_tries_are_counted_where_the_server_is_there(server: Server) -> None:
    server.statuses = [500, 429, 503, 500]
    model = await connect([], server, retries=2)
    with pytest.raises(TransientError, match="503: n must be 1"):
        await model.complete(chat(1), 1, Sampling())
    assert not issubclass(TransientError, RunEndingError)
    await model.aclose()
    assert len(server.bodies) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_what_is_refused_ends_the_run_in_the_servers_words(
    server: Server, status: int
) -> None:
    server.statuses, server.complaint = [status], "that will not do"
    model = await connect([], server)
    with pytest.raises(RefusedError, match=f"{status}: that will not do"):
        await model.complete(chat(1), 1, Sampling())
    await model.aclose()
    assert len(server.bodies) == 1
    assert issubclass(RefusedError, RunEndingError)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "This model's maximum context length is 1024 tokens. However, ..."),
        (400, "the request exceeds the available context size"),
        (413, "too large"),
    ],
)
async def test_a_prompt_that_does_not_fit_is_an_error_of_its_own(
    server: Server, status: int, words: str
) -> None:
    server.statuses, server.complaint = [status], words
    model = await connect([], server)
    with pytest.raises(PromptTooLongError):
        await model.complete(chat(1), 1, Sampling())
    await model.aclose()
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("field", "complaint"),
    [
        ("logprobs", "logprobs is not supported"),
        ("seed", "Unrecognized request argument supplied: seed"),
        ("presence_penalty", "presence_penalty: unknown field"),
    ],
)
async def test_what_a_server_does_not_take_is_left_out_and_said(
    server: Server, field: str, complaint: str
) -> None:
    said: list[str] = []
    server.statuses, server.complaint = [400], complaint
    model = await connect(said, server)
    for number in range(2):
        await model.complete(chat(number), 2, Sampling())
    await model.aclose()
    assert [field in body for body in server.bodies] == [True, False, False]
    assert len(said) == 1
    assert f"{field} is left out" in said[0]


async def test_newer_names_of_a_field_are_taken_up(server: Server) -> None:
    server.statuses = [400]
    server.complaint = "Unsupported parameter: use 'max_completion_tokens' instead"
    model = await connect([], server)
    await model.complete(chat(1), 1, Sampling(max_tokens=77))
    await model.aclose()
    assert "max_tokens" not in server.bodies[1]
    assert server.bodies[1]["max_completion_tokens"] == 77


@pytest.mark.parametrize(
    "settings",
    [
        {"prefill": True},
        {"thinking": False},
        {"top_k": 20, "prefill": True},
        {"min_p": 0.1},
        {"repetition_penalty": 1.1},
        {"beams": 2},
    ],
)
async def test_what_only_vllm_has_is_not_asked_of_others(
    server: Server, settings: dict[str, Any]
) -> None:
    with pytest.raises(ServerError, match=r"is not vLLM, and only vLLM supports model\.\w+"):
        await connect([], server, **settings)
    server.models["data"][0]["owned_by"] = "vllm"
    model = await connect([], server, **settings)
    await model.aclose()
    assert model.provenance()["servers"] == [{"url": server.url, "vllm": "0.32.0"}]


async def test_the_prefix_cache_is_asked_of_vllm_alone_and_not_for_long(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = await connect([], server)
    assert await model.cache_use() is None
    await model.aclose()
    server.models["data"][0]["owned_by"] = "vllm"
    model = await connect([], server)
    assert await model.cache_use() == (300.0, 120.0)
    monkeypatch.setattr(server_module, "KNOCK_SECONDS", 0.05)
    server.slow_metrics = 0.5
    assert await model.cache_use() is None
    await model.aclose()
