"""The real openai client against a small stub server."""

from __future__ import annotations

import socket
import sys
from typing import Any, Literal

import pytest

from agent.config import ModelConfig
from agent.errors import ModelError
from agent.models.opening import open_model
from agent.models.served.model import ServedModel
from agent.types import Message, Sampling
from tests.stub_server import Server, choice

CHAT = (Message(role="user", content="hello"),)
SAID: list[str] = []


async def connect(server: Server, **settings: Any) -> ServedModel:
    return await ServedModel.connect(
        ModelConfig(**settings), [server.url], "none", 10.0, SAID.append
    )


async def test_the_first_listed_model_is_taken_and_every_parameter_sent(server: Server) -> None:
    model = await connect(server)
    sampling = Sampling(temperature=0.3, top_p=0.9, max_tokens=50, seed=4, stop=("\n",))
    answers = await model.complete(CHAT, 2, sampling)
    await model.aclose()
    assert [answer.text for answer in answers] == ["one", "two"]
    assert model.identity == "served/small-coder"
    assert server.bodies == [
        {
            "model": "small-coder",
            "messages": [{"role": "user", "content": "hello"}],
            "n": 2,
            "temperature": 0.3,
            "top_p": 0.9,
            "frequency_penalty": 0.0,
            "presence_penalty": 0.0,
            "max_tokens": 50,
            "seed": 4,
            "stop": ["\n"],
            "logprobs": True,
        }
    ]


async def test_tokens_are_counted_by_log_probabilities_where_there_are_some(
    server: Server,
) -> None:
    server.choices = [choice("one", [-1.0, -2.0]), choice("two", [-0.5] * 3)]
    model = await connect(server)
    first, second = await model.complete(CHAT, 2, Sampling())
    await model.aclose()
    assert (first.mean_logprob, first.usage.completion_tokens) == (-1.5, 2)
    assert (second.mean_logprob, second.usage.completion_tokens) == (-0.5, 3)
    assert first.usage.prompt_tokens == 7


async def test_tokens_are_shared_out_where_the_server_sends_none(server: Server) -> None:
    model = await connect(server)
    answers = await model.complete(CHAT, 2, Sampling())
    await model.aclose()
    assert sum(answer.usage.completion_tokens for answer in answers) == 5
    assert [answer.mean_logprob for answer in answers] == [None, None]


async def test_an_answer_of_thought_alone_is_an_empty_answer(server: Server) -> None:
    server.choices, server.usage = [choice(None)], None
    model = await connect(server)
    (answer,) = await model.complete(CHAT, 1, Sampling())
    await model.aclose()
    assert answer.text == ""


async def test_a_refusal_is_told_in_the_servers_words_and_not_tried_again(server: Server) -> None:
    server.statuses, server.complaint = [400, 200], "temperature must not be above 0.5"
    model = await connect(server)
    with pytest.raises(ModelError, match="temperature must not be above"):
        await model.complete(CHAT, 2, Sampling())
    await model.aclose()
    assert len(server.bodies) == 1


async def test_an_overloaded_server_is_asked_again(server: Server) -> None:
    server.statuses = [503, 200]
    model = await connect(server, retries=1)
    assert len(await model.complete(CHAT, 2, Sampling())) == 2
    await model.aclose()
    assert len(server.bodies) == 2


async def test_a_model_that_is_not_served_is_named_with_those_that_are(server: Server) -> None:
    with pytest.raises(ModelError, match="does not serve large-coder; it serves small-coder"):
        await connect(server, name="large-coder")


async def test_auto_takes_a_server_that_answers(server: Server) -> None:
    opened = await open_model(ModelConfig(base_url=server.url), [], 0)
    await opened.model.aclose()
    assert opened.model.identity.startswith("served/small-coder#")
    assert opened.line == f"small-coder at {server.url}"


async def test_auto_tries_the_usual_address(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.models.opening.DEFAULT_URL", server.url)
    opened = await open_model(ModelConfig(), [], 0)
    await opened.aclose()
    assert opened.line == f"small-coder at {server.url}"
    server.models = {"data": 3}
    opened = await open_model(ModelConfig(), [], 0)
    await opened.aclose()
    assert opened.model.identity.startswith("embedded")


async def test_auto_needs_no_client_where_nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    monkeypatch.setattr("agent.models.opening.DEFAULT_URL", url)
    monkeypatch.setitem(sys.modules, "openai", None)  # importing it would fail
    opened = await open_model(ModelConfig(), [], 0)
    await opened.aclose()
    assert f"no server answers at {url}" in opened.line


async def test_the_context_is_what_the_server_says(server: Server) -> None:
    opened = await open_model(ModelConfig(base_url=server.url), [], 0)
    await opened.aclose()
    assert opened.context is None
    server.models["data"][0]["max_model_len"] = 2048
    opened = await open_model(ModelConfig(base_url=server.url), [], 0)
    await opened.aclose()
    assert opened.context == 2048


@pytest.mark.parametrize("page", [["a", "list"], "text", {"data": 3}, None])
async def test_something_else_that_answers_is_no_model_server(server: Server, page: Any) -> None:
    server.models = page
    with pytest.raises(ModelError, match=r"no model server answers|does not serve any model"):
        await connect(server)


async def test_a_server_without_log_probabilities_is_asked_without(server: Server) -> None:
    server.statuses, server.complaint = [400], "logprobs is not supported"
    model = await connect(server)
    assert len(await model.complete(CHAT, 2, Sampling())) == 2
    assert len(await model.complete(CHAT, 2, Sampling())) == 2
    await model.aclose()
    assert [body.get("logprobs") for body in server.bodies] == [True, None, None]


@pytest.mark.parametrize("backend", ["auto", "served"])
async def test_a_server_that_was_asked_for_by_name_must_answer(
    backend: Literal["auto", "served"],
) -> None:
    config = ModelConfig(backend=backend, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match=r"no model server answers at http://127\.0\.0\.1:9/v1"):
        await open_model(config, [], 0)


@pytest.mark.parametrize("settings", [{"prefill": True}, {"endpoint": "completions"}, {"top_k": 9}])
async def test_the_embedded_synthesiser_does_not_ignore_what_servers_have(
    settings: dict[str, Any],
) -> None:
    config = ModelConfig(backend="embedded", **settings)
    with pytest.raises(ModelError, match=rf"model.{next(iter(settings))}: needs a server"):
        await open_model(config, [], 0)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("127.0.0.1:8000/v1", "give http://127.0.0.1:8000/v1"),
        ("localhost/v1", "give http://localhost/v1"),
        ("//server/v1", "give http://server/v1"),
        ("ftp://server/v1", "begins with ftp://, not with http:// or https://"),
        ("http:///v1", "names no host"),
        ("http://server:many/v1", "is not a URL"),
        ("http://[::1/v1", "is not a URL"),
        ("http://server/v1,server:8001/v1", "server:8001/v1 does not begin with http://"),
        (" , ", "names no server"),
    ],
)
@pytest.mark.parametrize("backend", ["auto", "served"])
async def test_a_base_url_that_is_none_is_named_with_what_would_be_right(
    backend: Literal["auto", "served"], url: str, complaint: str
) -> None:
    with pytest.raises(ModelError) as error:
        await open_model(ModelConfig(backend=backend, base_url=url), [], 0)
    assert str(error.value).startswith("model.base_url: ")
    assert complaint in str(error.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "https://127.0.0.1:9/v1"])
async def test_an_unreachable_server_is_named_without_the_clients_notes_on_tls(url: str) -> None:
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9") as error:
        await open_model(ModelConfig(base_url=url), [], 0)
    assert "ssl" not in str(error.value).lower()


async def test_a_server_that_is_named_twice_is_one_server(server: Server) -> None:
    opened = await open_model(ModelConfig(base_url=f"{server.url},{server.url}/"), [], 0)
    await opened.aclose()
    assert opened.line == f"small-coder at {server.url}"
    assert len(server.probes) == 1
