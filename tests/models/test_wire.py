"""Request bodies, and the reading of responses."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import MalformedError
from agent.models.served.wire import read_response, request_body
from agent.types import Message, Sampling

USER = Message(role="user", content="Write f.")
BEGUN = Message(role="assistant", content="```python\ndef f(x):")
OF_VLLM = {"top_k", "min_p", "repetition_penalty", "continue_final_message"}


def sent(*messages: Message, vllm: bool = True, **sampling: Any) -> dict[str, Any]:
    return request_body("m", messages, 3, Sampling(**sampling), vllm=vllm)


def response(*choices: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"choices": list(choices), **more}).encode()


def choice(text: str | None, index: int = 0, **more: Any) -> dict[str, Any]:
    return {"index": index, "message": {"content": text}, "finish_reason": "stop", **more}


def texts(content: bytes, prefix: str = "") -> list[str]:
    return [answer.text for answer in read_response(content, prefix, 100)]


def test_vllm_is_sent_every_sampling_parameter_so_that_no_model_brings_its_own() -> None:
    body = sent(USER, temperature=0.3, top_p=0.9, seed=4, max_tokens=50, stop=("\n",))
    assert body == {
        "model": "m",
        "n": 3,
        "temperature": 0.3,
        "top_p": 0.9,
        "frequency_penalty": 0.0,
        "presence_penalty": 0.0,
        "max_tokens": 50,
        "seed": 4,
        "stop": ["\n"],
        "top_k": -1,
        "min_p": 0.0,
        "repetition_penalty": 1.0,
        "messages": [{"role": "user", "content": "Write f."}],
        "logprobs": True,
    }
    assert sent(USER, top_k=20)["top_k"] == 20


def test_other_servers_are_sent_nothing_of_vllm() -> None:
    assert not OF_VLLM & sent(USER, vllm=False).keys()


def test_what_is_begun_is_continued_and_is_no_thought() -> None:
    body = sent(USER, BEGUN)
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)
    assert body["chat_template_kwargs"] == {"enable_thinking": False}


@pytest.mark.parametrize("thinking", [True, False])
def test_thinking_is_switched_where_that_is_asked_for(thinking: bool) -> None:
    assert sent(USER, thinking=thinking)["chat_template_kwargs"] == {"enable_thinking": thinking}
    assert "chat_template_kwargs" not in sent(USER)


def test_a_base_model_is_given_one_text() -> None:
    body = sent(USER, BEGUN, endpoint="completions")
    assert body["prompt"] == "Write f.\n\n```python\ndef f(x):"
    assert sent(USER, endpoint="completions")["prompt"] == "Write f.\n\n"
    assert sent(BEGUN, endpoint="completions")["prompt"] == BEGUN.content
    assert not {"messages", "continue_final_message", "chat_template_kwargs"} & body.keys()


def test_an_answer_begins_with_what_was_begun() -> None:
    assert texts(response(choice(" return x")), "def f(x):") == ["def f(x): return x"]
    assert texts(response({"text": " 1", "index": 0}), "x =") == ["x = 1"]


def test_a_thought_is_told_apart_and_a_thought_alone_is_an_empty_answer() -> None:
    cut = {"message": {"content": None, "reasoning": "hm"}, "finish_reason": "length"}
    other = {"message": {"content": "x", "reasoning_content": "so"}, "finish_reason": "stop"}
    first, second = read_response(response(cut, other), "", 100)
    assert (first.text, first.reasoning, first.finish_reason) == ("", "hm", "length")
    assert (second.text, second.reasoning) == ("x", "so")


def test_answers_are_put_in_order_and_each_is_taken_once() -> None:
    content = response(choice("c", 2), choice("a", 0), choice("a again", 0), choice("b", 1))
    assert texts(content) == ["a", "b", "c"]
    assert texts(response({"message": {"content": "x"}}, {"message": {"content": "y"}})) == [
        "x",
        "y",
    ]


def test_answers_behind_a_gap_are_not_taken_for_others() -> None:
    assert texts(response(choice("a", 0), choice("c", 2))) == ["a"]


def test_a_count_that_is_null_is_none() -> None:
    content = response(choice("a"), usage={"prompt_tokens": None, "completion_tokens": 3})
    (answer,) = read_response(content, "", 100)
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (0, 3)


def test_tokens_are_counted_by_either_form_of_log_probabilities() -> None:
    chat = choice("a", 0, logprobs={"content": [{"logprob": -1.0}, {"logprob": -2.0}]})
    text = {"text": "b", "index": 1, "logprobs": {"token_logprobs": [None, -3.0]}}
    first, second = read_response(response(chat, text, usage={"prompt_tokens": 7}), "", 100)
    assert (first.mean_logprob, first.usage.completion_tokens) == (-1.5, 2)
    assert (second.mean_logprob, second.usage.completion_tokens) == (-3.0, 1)
    assert first.usage.prompt_tokens == 7


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>busy</html>",
        b'{"choices": [{"message": {"content": "cut',
        b'{"choices": []}',
        b'{"choices": null}',
        b'{"error": "soon"}',
        b'{"choices": [{"message": {"content": "\xff\xfe"}}]}',
        b"[" * 200_000,
        response(choice(5)),  # type: ignore[arg-type]  # on purpose
        response(choice("x" * 1_000_000)),
    ],
)
def test_what_is_no_response_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedError):
        read_response(content, "", 100)


def test_half_a_surrogate_pair_is_an_answer() -> None:
    assert texts(b'{"choices": [{"message": {"content": "a\\ud83d"}}]}') == ["a?"]


@given(st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
    lambda value: json.dumps({"choices": value}).encode()
))  # fmt: skip
def test_whatever_comes_is_read_or_malformed(content: bytes) -> None:
    with suppress(MalformedError):
        assert read_response(content, "", 100)
