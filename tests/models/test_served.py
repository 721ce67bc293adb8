"""The real openai client against a small server of our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import pytest

from agent.config import ModelConfig
from agent.models import open_model
from agent.models.base import ModelError
from agent.models.served import ServedModel
from agent.types import Message, Sampling

CHAT = (Message(role="user", content="hello"),)


class Server(ThreadingHTTPServer):
    """Answers every chat with `choices`, or with `status` where that is no 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.choices: list[dict[str, Any]] = [choice("one"), choice("two")]
        self.statuses: list[int] = []
        self.usage: dict[str, int] | None = {
            "prompt_tokens": 7,
            "completion_tokens": 5,
            "total_tokens": 12,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._send(200, {"object": "list", "data": [{"id": "small-coder", "object": "model"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if status != 200:
            self._send(status, {"error": {"message": "n must be 1 when using greedy sampling"}})
            return
        answer = {"id": "x", "object": "chat.completion", "created": 0, "model": "small-coder"}
        self._send(200, answer | {"choices": self.server.choices, "usage": self.server.usage})

    def _send(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        return


def choice(text: str | None, logprobs: list[float] | None = None) -> dict[str, Any]:
    content: list[dict[str, Any]] = [
        {"token": "t", "logprob": p, "bytes": None, "top_logprobs": []} for p in logprobs or []
    ]
    return {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
        "logprobs": {"content": content} if logprobs else None,
    }


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def connect(server: Server, **settings: Any) -> ServedModel:
    return await ServedModel.connect(ModelConfig(**settings), server.url, "none")


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
    server.statuses = [400, 200]
    model = await connect(server)
    with pytest.raises(ModelError, match="n must be 1 when using greedy sampling"):
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
    assert opened.model.identity == "served/small-coder"
    assert opened.line == f"small-coder at {server.url}"


@pytest.mark.parametrize("backend", ["auto", "served"])
async def test_a_server_that_was_asked_for_by_name_must_answer(
    backend: Literal["auto", "served"],
) -> None:
    config = ModelConfig(backend=backend, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match=r"no model server answers at http://127\.0\.0\.1:9/v1"):
        await open_model(config, [], 0)
