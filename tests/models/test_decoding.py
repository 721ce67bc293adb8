"""Settings of decoding: penalties, the least probability, beam search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from agent.config import ModelConfig, RunConfig
from agent.errors import ModelError, ServerError
from agent.models.opening import open_model
from agent.models.store import Request
from agent.types import Message, Sampling, Usage
from tests.models.replying_server import MODELS, Asked, Reply, chosen, replying
from tests.stub_server import Server, choice

CHAT = (Message(role="user", content="Write f."),)
REFUSED = "presence_penalty is not supported by this model"


def test_a_parameter_at_its_default_does_not_change_the_stores_key() -> None:
    plain = Request("m", CHAT, RunConfig().sampling(0.8))
    former = {"temperature", "top_p", "max_tokens", "seed", "stop"}
    assert RunConfig().sampling(0.8).model_dump().keys() == former
    for name, value in {
        "min_p": 0.1,
        "presence_penalty": 0.5,
        "repetition_penalty": 1.1,
        "beams": 2,
    }.items():
        other = Sampling.model_validate({**RunConfig().sampling(0.8).model_dump(), name: value})
        assert Request("m", CHAT, other).key != plain.key


def test_beams_are_of_greedy_requests_only() -> None:
    settings = {"draft": {"first": "greedy"}, "model": {"beams": 3}}
    config = RunConfig.model_validate(settings)
    assert config.sampling(0).beams == 3
    assert config.sampling(0.5).beams is None
    with pytest.raises(ValueError, match=r"model\.beams needs greedy answers"):
        RunConfig.model_validate({"draft": {"first": "sampled"}, "model": {"beams": 3}})


@pytest.mark.parametrize(
    "settings", [{"min_p": 0.1}, {"presence_penalty": 1}, {"repetition_penalty": 2}, {"beams": 2}]
)
async def test_the_embedded_backend_has_none_of_them(settings: dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(ModelError, match=f"model.{name}: needs a server"):
        await open_model(ModelConfig(backend="embedded", **settings), [], 0)


async def test_the_answer_of_a_beam_search_is_the_best_beam_and_costs_all(server: Server) -> None:
    server.models["data"][0]["owned_by"] = "vllm"
    server.choices = [choice("best", [-0.1, -0.2]), choice("next", [-0.3])]
    opened = await open_model(ModelConfig(base_url=server.url, beams=2), [], 0)
    (answer,) = await opened.model.complete(CHAT, 1, Sampling(temperature=0, beams=2))
    await opened.aclose()
    assert (answer.text, answer.usage.completion_tokens) == ("best", 3)
    assert (server.bodies[-1]["n"], server.bodies[-1]["use_beam_search"]) == (2, True)


def without_penalty(asked: Asked) -> Reply:
    """Refuse every penalty, even one of zero; list a model."""
    if asked.method == "GET":
        return MODELS
    if "presence_penalty" in asked.body:
        return Reply({"error": {"message": REFUSED, "param": "presence_penalty"}}, 400)
    return chosen("one")


async def answers_of(settings: dict[str, Any]) -> Sequence[Any]:
    with replying(without_penalty) as server:
        opened = await open_model(ModelConfig(base_url=server.url, **settings), [], 0)
        try:
            return await opened.model.complete(CHAT, 1, Sampling())
        finally:
            await opened.aclose()


async def test_a_server_without_a_penalty_is_refused_at_the_start_only_if_it_is_set() -> None:
    (answer,) = await answers_of({})
    assert answer.text == "one"
    assert answer.usage == Usage()
    for label in (None, "mine"):
        with pytest.raises(ServerError) as refused:
            await answers_of({"presence_penalty": 1.5, "label": label})
        assert str(refused.value).startswith("model.presence_penalty: http")
        assert REFUSED in str(refused.value)
