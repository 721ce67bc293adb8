"""Responses that are not answers: their words, and what is done after them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from agent.config import ModelConfig
from agent.errors import (
    ModelError,
    PromptTooLongError,
    RefusedError,
    ServerError,
    TransientError,
    UnreachableError,
)
from agent.models.served.model import ServedModel
from agent.types import Completion, Message, Sampling
from tests.models.replying_server import MODELS, Asked, Reply, ReplyingServer, chosen, replying

CHAT = (Message(role="user", content="Write f."),)
PAGE = "<!DOCTYPE html>\n<html><head><title>Open\n WebUI</title></head><body>...</body></html>"


async def connect(server: ReplyingServer, said: list[str], **settings: Any) -> ServedModel:
    config = ModelConfig(**{"retries": 3, **settings})
    return await ServedModel.connect(
        config, [config.base_url or server.url], "none", 5.0, said.append
    )


async def ask(
    server: ReplyingServer, said: list[str], n: int = 3, times: int = 1, **settings: Any
) -> list[Completion]:
    model = await connect(server, said, **settings)
    try:
        return [one for _ in range(times) for one in await model.complete(CHAT, n, Sampling())]
    finally:
        await model.aclose()


def after(*replies: Reply) -> Callable[[Asked], Reply]:
    """Return a function that gives replies in turn, then an answer; it always lists a model."""
    left = list(replies)

    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return MODELS
        return left.pop(0) if left else chosen("one")

    return answer


def message(words: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": words, "type": "invalid_request_error", **more}}


# Several answers to one request


def one_only(status: int, body: Any) -> Callable[[Asked], Reply]:
    """Return a server that refuses every request for several answers."""

    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return MODELS
        return Reply(body, status) if asked.body.get("n", 1) > 1 else chosen("one")

    return answer


REFUSALS_OF_N = {
    "words of its own": (400, message("one answer a request is all there is")),
    "quoted": (400, message("'n' has to be 1")),
    "quoted otherwise": (422, message("`n` > 1 is not supported")),
    "bare": (400, message("Invalid value for n: 3")),
    "a comparison": (400, {"error": "n=3 exceeds the limit of 1"}),
    "by param": (400, message("not now", param="n", code="unsupported_value")),
    "by a path": (400, message("unsupported", param="body.n")),
    "pydantic": (
        422,
        {
            "detail": [
                {
                    "type": "less_than_equal",
                    "loc": ["body", "n"],
                    "msg": "Input should be less than or equal to 1",
                    "input": 3,
                }
            ]
        },
    ),
    "pydantic as text": (
        400,
        message("[{'type': 'less_than_equal', 'loc': ('body', 'n'), 'msg': 'too many'}]"),
    ),
    "by field": (422, {"errors": {"n": ["must be at most 1"]}}),
    "text": (400, "too many completions"),
    "nothing": (400, ""),
    "an empty object": (400, {}),
    "a field that was not sent": (400, message("top_k is not supported with best_of")),
    "with seed and n": (400, message("n must be 1 if a seed is given")),
    "llama.cpp": (500, message("Only one completion choice is allowed", code=500)),
}


@pytest.mark.parametrize("name", REFUSALS_OF_N)
async def test_a_request_refused_for_its_number_of_answers_is_sent_for_one(name: str) -> None:
    said: list[str] = []
    with replying(one_only(*REFUSALS_OF_N[name])) as server:
        assert len(await ask(server, said, times=3)) == 3
    assert [body["n"] for body in server.bodies] == [3, 1, 1, 1]
    assert all("seed" in body and "logprobs" in body for body in server.bodies)
    assert len(said) == 1
    assert "one answer a request from now on (n = 1)" in said[0]
    assert server.url in said[0]


async def test_only_the_server_that_refuses_several_answers_is_asked_for_one() -> None:
    def several(asked: Asked) -> Reply:
        return MODELS if asked.method == "GET" else chosen("one", "two", "three")

    said: list[str] = []
    with replying(one_only(400, "no")) as one, replying(several) as other:
        urls = [one.url, other.url]
        model = await ServedModel.connect(ModelConfig(), urls, "none", 5.0, said.append)
        for number in range(40):  # the ports decide which server gets a chat: each gets several
            chat = (Message(role="user", content=f"Write f{number}."),)
            assert await model.complete(chat, 3, Sampling())
        await model.aclose()
    assert {body["n"] for body in one.bodies[1:]} == {1}
    assert {body["n"] for body in other.bodies} == {3}
    assert len(said) == 1


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("seed", "Unrecognized request argument supplied: seed"),
        ("logprobs", "logprobs is not supported"),
        ("presence_penalty", "presence_penalty: unknown field"),
    ],
)
async def test_a_refusal_that_names_another_field_is_about_that_field(
    field: str, words: str
) -> None:
    said: list[str] = []
    with replying(after(Reply(message(words), 400))) as server:
        await ask(server, said)
    assert [(body["n"], field in body) for body in server.bodies] == [(3, True), (3, False)]
    assert f"{field} is left out" in said[0]


@pytest.mark.parametrize(
    "body",
    [
        message("temperature must be at most 1"),
        message("unknown", param="model"),
        message("'messages' must end with the user"),
        message("'max_tokens' must be at most 8"),
    ],
)
async def test_a_refusal_of_a_field_that_is_needed_ends_the_run(body: Any) -> None:
    with replying(after(Reply(body, 400))) as server, pytest.raises(RefusedError):
        await ask(server, [])
    assert len(server.bodies) == 1


async def test_a_second_refusal_ends_the_run_without_a_line() -> None:
    said: list[str] = []
    refusal = Reply(message("this account is closed"), 400)
    with (
        replying(after(refusal, refusal)) as server,
        pytest.raises(RefusedError, match="400: this account is closed"),
    ):
        await ask(server, said)
    assert [body["n"] for body in server.bodies] == [3, 1]
    assert said == []


async def test_a_request_for_one_answer_is_not_sent_again() -> None:
    with replying(after(Reply(message("no"), 400))) as server, pytest.raises(RefusedError):
        await ask(server, [], n=1)
    assert len(server.bodies) == 1


async def test_a_server_that_does_not_know_n_is_asked_without_it() -> None:
    refusal = Reply(message("Extra inputs are not permitted", param="n"), 422)
    with replying(after(refusal, refusal)) as server:
        await ask(server, [])
    assert [body.get("n") for body in server.bodies] == [3, 1, None]


# Waits


async def test_a_server_says_when_to_ask_again() -> None:
    headers = {"retry-after-ms": "700"}
    with replying(after(Reply(message("busy"), 429, headers))) as server:
        await ask(server, [])
    first, second = (asked.at for asked in server.asked if asked.method == "POST")
    assert 0.7 <= second - first < 5


async def test_a_malformed_wait_is_ignored() -> None:
    replies = [Reply(message("busy"), 503, {"Retry-After": text}) for text in ("soon", "nan")]
    with replying(after(*replies)) as server:
        await ask(server, [])
    times = [asked.at for asked in server.asked if asked.method == "POST"]
    assert all(later - earlier < 2 for earlier, later in pairwise(times))


# Errors with status 200


@pytest.mark.parametrize(
    "body",
    [
        message("the GPU is on fire"),
        {"error": "the GPU is on fire"},
        {"object": "error", "message": "the GPU is on fire", "code": 40001},
        {"choices": [], "error": {"message": "the GPU is on fire"}},
        {"choices": None, "error": {"message": "the GPU is on fire"}},
        {"choices": [{"index": 0, "error": {"message": "the GPU is on fire", "code": 502}}]},
        {"detail": "the GPU is on fire"},
    ],
)
async def test_an_error_with_status_200_is_told_in_its_own_words(body: Any) -> None:
    with (
        replying(after(Reply(body), Reply(body))) as server,
        pytest.raises(TransientError, match=rf"^{server.url}: the GPU is on fire$"),
    ):
        await ask(server, [], retries=1)
    with replying(after(Reply(body))) as server:
        assert await ask(server, [], retries=1)


@pytest.mark.parametrize(
    ("code", "kind"), [(401, RefusedError), ("404", RefusedError), (503, TransientError)]
)
async def test_the_code_of_an_error_with_status_200_is_its_status(
    code: Any, kind: type[ModelError]
) -> None:
    reply = Reply(message("no such model", code=code))
    with replying(after(reply)) as server, pytest.raises(kind, match=f"{code}: no such model"):
        await ask(server, [], retries=0)


async def test_a_prompt_that_is_too_long_is_known_with_status_200() -> None:
    reply = Reply(message("maximum context length exceeded", code="context_length_exceeded"))
    with replying(after(reply)) as server, pytest.raises(PromptTooLongError):
        await ask(server, [])


async def test_one_choice_that_failed_leaves_the_others() -> None:
    failed = {"index": 1, "error": {"message": "aborted"}, "message": {"content": None}}
    body = chosen("one").body
    with replying(after(Reply({**body, "choices": [*body["choices"], failed]}))) as server:
        assert [answer.text for answer in await ask(server, [])] == ["one"]


# Base URLs


def below_v1(asked: Asked) -> Reply:
    """Answer as a server that has its API below /v1 only."""
    if not asked.path.startswith("/v1/"):
        return Reply({"detail": "Not Found"}, 404)
    return MODELS if asked.path == "/v1/models" else Reply({"detail": "Not Found"}, 404)


@pytest.mark.parametrize(
    "path", ["", "/", "/v1/chat/completions", "/v1/models", "/api", "/index.html"]
)
@pytest.mark.parametrize("name", [None, "small-coder"])
async def test_a_wrong_base_url_is_named_with_the_right_one(path: str, name: str | None) -> None:
    with (
        replying(below_v1) as server,
        pytest.raises(ServerError, match=rf"one does at {server.url}: give that with --model.base"),
    ):
        await connect(server, [], base_url=server.root + path, name=name)


@pytest.mark.parametrize("name", [None, "small-coder"])
async def test_a_web_page_is_no_model_server(name: str | None) -> None:
    with (
        replying(lambda _: Reply(PAGE, headers={"Content-Type": "text/html"})) as server,
        pytest.raises(ServerError, match=r"a web page, not a model server; .* Most end in /v1"),
    ):
        await connect(server, [], base_url=server.root, name=name)


async def test_a_page_in_place_of_the_api_is_shown_by_its_title() -> None:
    def answer(asked: Asked) -> Reply:
        return MODELS if asked.method == "GET" else Reply(PAGE, 404)

    with (
        replying(answer) as server,
        pytest.raises(RefusedError, match=r"404: a web page \(Open WebUI\); is .* Most end in /v1"),
    ):
        await ask(server, [], base_url=server.root)


async def test_a_page_in_place_of_an_answer_is_asked_again() -> None:
    with replying(after(Reply(PAGE))) as server:
        assert await ask(server, [])
    with replying(after(Reply(PAGE))) as server, pytest.raises(TransientError, match="a web page"):
        await ask(server, [], retries=0)


# A list of models


NO_LIST = {
    "404": Reply({"detail": "Not Found"}, 404),
    "405": Reply({"detail": "Method Not Allowed"}, 405),
    "501": Reply(message("not implemented"), 501),
    "403": Reply(message("this key must not list models"), 403),
    "404 as a page": Reply("<html><body>nginx</body></html>", 404),
    "an empty list": Reply({"object": "list", "data": []}),
    "null": Reply({"object": "list", "data": None}),
    "no list": Reply({"object": "list"}),
    "another list": Reply(["a", "b"]),
    "text": Reply("OK"),
    "nothing": Reply(""),
    "an error": Reply({"error": "Unexpected endpoint or method. (GET /v1/models)"}),
}


@pytest.mark.parametrize("name", NO_LIST)
async def test_a_server_without_a_list_of_models_answers_if_the_model_is_named(name: str) -> None:
    def answer(asked: Asked) -> Reply:
        return NO_LIST[name] if asked.method == "GET" else chosen("one")

    with replying(answer) as server:
        (found,) = await ask(server, [], n=1, name="my-model")
        assert found.text == "one"
        assert server.bodies[0]["model"] == "my-model"
        with pytest.raises(ServerError, match=r"no model server answers|--model\.name"):
            await connect(server, [])


@pytest.mark.parametrize(
    "listed", [{"data": [{"id": "a"}]}, [{"id": "a", "type": "chat"}, {"id": "b"}]]
)
async def test_a_list_of_models_may_be_bare(listed: Any) -> None:
    with replying(lambda _: Reply(listed)) as server:
        model = await connect(server, [])
        await model.aclose()
        assert model.name == "a"
        with pytest.raises(ServerError, match=r"does not serve c; it serves a"):
            await connect(server, [], name="c")


async def test_a_wrong_key_is_told_even_if_the_model_is_named() -> None:
    with (
        replying(lambda _: Reply({"error": "Unauthorized"}, 401)) as server,
        pytest.raises(ServerError, match="401: Unauthorized"),
    ):
        await connect(server, [], name="my-model")


# Responses that are not HTTP


GOOD = b'{"choices": [{"message": {"content": "one"}}]}'
HEAD = b"HTTP/1.1 200 OK\r\n"
NOT_HTTP = {
    "a garbled status line": b"HELO there\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "bytes": bytes(range(256)),
    "TLS": b"\x15\x03\x01\x00\x02\x02\x16",
    "a body without a head": b"<html>hello</html>",
    "a status that is no number": b"HTTP/1.1 OK 200\r\nContent-Length: 0\r\n\r\n",
    "a status of five digits": b"HTTP/1.1 99999 X\r\nContent-Length: 0\r\n\r\n",
    "status 0": b"HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n",
    "a reason that is not text": b"HTTP/1.1 200 \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
    "a length that is no number": HEAD + b"Content-Length: abc\r\n\r\n{}",
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "a header without a colon": HEAD + b"no colon here\r\n\r\n{}",
    "a header that is too long": HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n{}",
    "a bad chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    "a short chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n40\r\nabc",
    "bad compression": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    "half a head": HEAD + b"Content-Le",
    "half a body": HEAD + b"Content-Length: 500\r\n\r\n" + GOOD,
    "no byte": b"",
    "an empty line": b"\r\n\r\n",
    "a body that is not JSON": HEAD + b"Content-Length: 5\r\n\r\nhello",
    "no body": b"HTTP/1.1 204 No Content\r\n\r\n",
}


@pytest.mark.parametrize("name", NOT_HTTP)
async def test_a_response_that_is_not_http_is_asked_again(name: str) -> None:
    reply = Reply(raw=NOT_HTTP[name])
    with replying(after(reply)) as server:
        (answer,) = await ask(server, [], n=1)
    assert answer.text == "one"
    assert len(server.bodies) == 2


@pytest.mark.parametrize("name", ["a garbled status line", "a bad chunk", "no byte"])
async def test_a_port_that_does_not_speak_http_is_one_line(name: str) -> None:
    with (
        replying(lambda _: Reply(raw=NOT_HTTP[name])) as server,
        pytest.raises(ServerError, match=f"^no model server answers at {server.url}: ") as error,
    ):
        await connect(server, [])
    assert "\n" not in str(error.value)


async def test_a_server_that_loses_its_speech_is_waited_for_and_then_ends_the_run() -> None:
    said: list[str] = []
    garbled = Reply(raw=NOT_HTTP["a garbled status line"])
    with replying(after()) as server:
        model = await connect(server, said, patience=0.3)
        server.answer = lambda _: garbled
        with pytest.raises(UnreachableError, match="the response is not HTTP"):
            await model.complete(CHAT, 1, Sampling())
        await model.aclose()
    assert len(said) == 1
