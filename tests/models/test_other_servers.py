"""The real client against exchanges with servers other than vLLM: see `exchanges.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config import ModelConfig
from agent.errors import PromptTooLongError, ServerError
from agent.models.served.model import ServedModel
from agent.models.store import Store
from agent.models.stored import StoredModel
from agent.types import Completion, Message, Sampling, requests_of, usage_of
from tests.models.exchanges import LOADING, SERVERS, TEXT, TOO_LONG, UNKNOWN, speaks
from tests.models.replying_server import Asked, Reply, ReplyingServer, replying

CHAT = (Message(role="user", content="Write f."),)
REQUESTS = {"llama.cpp": 4, "Ollama": 3, "SGLang": 1, "LM Studio": 3, "LiteLLM": 5}
"""Requests for three answers, those that are refused included."""
LINES = {
    "llama.cpp": ["one answer a request from now on (n = 1)"],
    "LiteLLM": ["logprobs is left out", "seed is left out"],
}
PROMPT = {"llama.cpp": 21, "Ollama": 26, "SGLang": 20, "LM Studio": 24, "LiteLLM": 19}


async def connect(server: ReplyingServer, said: list[str], url: str = "") -> ServedModel:
    config = ModelConfig(retries=1)
    return await ServedModel.connect(config, [url or server.url], "none", 5.0, said.append)


async def three(server: ReplyingServer, said: list[str], path: Path) -> list[Completion]:
    """Return three answers, as a run asks for them."""
    model, store = await connect(server, said), Store(path)
    try:
        return await StoredModel(model, [store]).complete(CHAT, 3, Sampling())
    finally:
        store.close()
        await model.aclose()


@pytest.mark.parametrize("name", SERVERS)
async def test_a_server_gives_three_answers_in_as_many_requests_as_it_needs(
    name: str, tmp_path: Path
) -> None:
    said: list[str] = []
    with replying(speaks(name)) as server:
        answers = await three(server, said, tmp_path / "store.sqlite")
    assert [answer.text for answer in answers] == [TEXT] * 3
    assert len(server.bodies) == REQUESTS[name]
    assert len(said) == len(LINES.get(name, []))
    assert all(words in line for words, line in zip(LINES.get(name, []), said, strict=True))
    taken = 1 if name == "SGLang" else 3
    assert requests_of(answers) == taken
    usage = usage_of(answers)
    assert (usage.prompt_tokens, usage.completion_tokens) == (taken * PROMPT[name], 42)
    has_logprobs = name in ("llama.cpp", "SGLang")
    assert all((answer.mean_logprob is not None) is has_logprobs for answer in answers)


@pytest.mark.parametrize("name", SERVERS)
async def test_vllm_fields_are_not_sent_and_the_context_is_known_if_it_is_listed(name: str) -> None:
    with replying(speaks(name)) as server:
        model = await connect(server, [])
        await model.aclose()
    assert not model.vllm
    assert model.context == (4096 if name == "SGLang" else None)


@pytest.mark.parametrize("name", SERVERS)
async def test_a_base_url_without_v1_is_named_with_the_right_one(name: str) -> None:
    with (
        replying(speaks(name)) as server,
        pytest.raises(ServerError, match=rf"but one does at {server.url}: give that"),
    ):
        await connect(server, [], server.root)


@pytest.mark.parametrize("name", TOO_LONG)
async def test_a_prompt_that_is_too_long_is_known_as_such(name: str) -> None:
    def answer(asked: Asked) -> Reply:
        return TOO_LONG[name] if asked.method == "POST" else speaks(name)(asked)

    with replying(answer) as server:
        model = await connect(server, [])
        with pytest.raises(PromptTooLongError, match="context"):
            await model.complete(CHAT, 3, Sampling())
        await model.aclose()
    assert len(server.bodies) == 1


async def test_a_server_that_is_still_loading_is_asked_again() -> None:
    replies = [LOADING]

    def answer(asked: Asked) -> Reply:
        return replies.pop() if asked.method == "POST" and replies else speaks("llama.cpp")(asked)

    with replying(answer) as server:
        model = await connect(server, [])
        assert await model.complete(CHAT, 1, Sampling())
        await model.aclose()


async def test_an_unknown_path_is_told_in_the_words_of_the_server() -> None:
    with (
        replying(lambda _: UNKNOWN["LM Studio"]) as server,
        pytest.raises(ServerError, match=r"Unexpected endpoint or method. \(GET /models\)"),
    ):
        await connect(server, [])
