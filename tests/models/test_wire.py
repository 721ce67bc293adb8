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


def test_penalties_and_min_p_are_sent_as_set() -> None:
    body = sent(USER, min_p=0.1, presence_penalty=1.5, repetition_penalty=1.1)
    assert (body["min_p"], body["presence_penalty"], body["repetition_penalty"]) == (0.1, 1.5, 1.1)
    assert sent(USER, vllm=False, presence_penalty=1.5)["presence_penalty"] == 1.5


def test_a_beam_search_asks_for_its_beams_and_for_nothing_that_vllm_ignores() -> None:
    body = sent(USER, BEGUN, beams=4)
    beams = {"n": 4, "use_beam_search": True, "temperature": 0.8, "max_tokens": 1024, "model": "m"}
    chat = {"messages", "logprobs", "continue_final_message", "add_generation_prompt"}
    assert {key: body[key] for key in beams} == beams
    assert body.keys() == beams.keys() | chat | {"chat_template_kwargs"}
    assert sent(USER, beams=4, endpoint="completions").keys() == beams.keys() | {
        "prompt",
        "logprobs",
    }


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
    ("content", "text", "reasoning"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab", ""),
        (["a", "b"], "ab", ""),
        ({"type": "text", "text": "ab"}, "ab", ""),
        ([{"type": "text", "text": {"value": "ab", "annotations": []}}], "ab", ""),
        ([{"type": "output_text", "text": "ab"}, {"type": "image_url", "image_url": {}}], "ab", ""),
        (
            [
                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                {"type": "text", "text": "ab"},
            ],
            "ab",
            "hm",
        ),
        ([{"type": "reasoning", "text": None, "reasoning": "hm"}, {"text": "ab"}], "ab", "hm"),
        ([], "", ""),
    ],
)
def test_content_may_be_a_list_of_parts(content: Any, text: str, reasoning: str) -> None:
    (answer,) = read_response(response(choice(content)), "", 100)
    assert (answer.text, answer.reasoning) == (text, reasoning)


@pytest.mark.parametrize(
    ("logprobs", "mean", "tokens"),
    [
        ({"content": [{"logprob": -1.0}, {"logprob": None}, {"logprob": -2.0}]}, -1.5, 3),
        ({"content": [{"logprob": -1.0}, None, {"token": "t"}]}, -1.0, 3),
        ({"content": [{"logprob": float("-inf")}, {"logprob": -3.0}]}, -3.0, 2),
        ({"content": [{"logprob": None}]}, None, 1),
        ({"content": [{"logprob": "high"}, "token"]}, None, 2),
        ({"token_logprobs": [None, -3.0, None]}, -3.0, 1),
        ({"token_logprobs": ["high", -3.0]}, -3.0, 1),
        ({"content": None}, None, 0),
        ({"content": "none"}, None, 0),
        ([], None, 0),
        ("none", None, 0),
    ],
)
def test_a_log_probability_that_is_unknown_leaves_the_rest(
    logprobs: Any, mean: float | None, tokens: int
) -> None:
    (answer,) = read_response(response(choice("a", logprobs=logprobs)), "", 100)
    assert (answer.text, answer.mean_logprob) == ("a", mean)
    assert answer.usage.completion_tokens == tokens


def test_what_an_answer_does_not_depend_on_may_be_of_any_type() -> None:
    odd: dict[str, Any] = {"index": "first", "finish_reason": {"type": "stop"}, "stop_reason": 3}
    message = {"content": "a", "reasoning": {"text": 1}, "tool_calls": "none", "refusal": 0}
    content = response({**odd, "message": message}, usage={"prompt_tokens": "many"})
    (answer,) = read_response(content, "", 100)
    assert (answer.text, answer.reasoning, answer.finish_reason) == ("a", "", "stop")
    assert texts(response({"message": None, "text": "a"}, usage=[])) == ["a"]


CALL = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]


@pytest.mark.parametrize(
    ("finish_reason", "message", "reason"),
    [
        ("length", {"content": None, "reasoning": "hm"}, "cut while thinking"),
        ("length", {"content": ""}, "cut while thinking"),
        ("length", {"content": "<think>hm"}, "cut while thinking"),
        ("repetition", {"content": None, "reasoning_content": "hm hm"}, "cut while thinking"),
        ("stop", {"content": " \n", "reasoning": "hm"}, "cut while thinking"),
        ("content_filter", {"content": None}, "filtered"),
        ("content_filter", {"content": ""}, "filtered"),
        ("SAFETY", None, "filtered"),
        ("stop", {"content": None, "refusal": "I cannot"}, "filtered"),
        ("stop", {"content": [{"type": "refusal", "refusal": "I cannot"}]}, "filtered"),
        ("tool_calls", {"content": None, "tool_calls": CALL}, "tool call"),
        ("stop", {"content": "", "tool_calls": CALL}, "tool call"),
        ("function_call", {"content": None, "function_call": {"name": "f"}}, "tool call"),
        ("stop", {"content": None}, "empty"),
        (None, {}, "empty"),
        ("length", {"content": "def f"}, ""),
        ("content_filter", {"content": "def f"}, ""),
        ("tool_calls", {"content": "def f", "tool_calls": CALL}, ""),
        ("stop", {"content": "<think>hm</think>def f"}, ""),
    ],
)
@pytest.mark.parametrize("prefix", ["", "def f(x):"])
def test_an_answer_without_text_says_why(
    finish_reason: Any, message: Any, reason: str, prefix: str
) -> None:
    content = response({"message": message, "finish_reason": finish_reason})
    (answer,) = read_response(content, prefix, 100)
    assert answer.no_text == reason
    assert answer.text.startswith(prefix)


def test_choices_without_log_probabilities_share_what_else_was_charged() -> None:
    known = choice("a", 0, logprobs={"content": [{"logprob": -1.0}] * 2})
    extra = {"usage": {"prompt_tokens": 7, "completion_tokens": 9}}

    def counts(*choices: dict[str, Any], n: int | None = None) -> list[int]:
        answers = read_response(response(*choices, **extra), "", 100, n)
        return [answer.usage.completion_tokens for answer in answers]

    assert counts(choice("a", 0), choice("b", 1)) == [4, 5]
    assert counts(known, choice("b", 1)) == [2, 7]
    assert counts(known) == [2]
    assert counts(known, choice("b", 1), choice("c", 2), n=2) == [2, 7]
    assert counts(choice("a", 0), choice("a again", 0)) == [9]
    assert counts(choice("a", 0), choice("c", 2)) == [9]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"error": {"message": "on fire"}}', "^on fire$"),
        (b'{"error": "on fire"}', "^on fire$"),
        (b'{"object": "error", "message": "on fire"}', "^on fire$"),
        (b'{"choices": [{"error": {"message": "on fire"}}]}', "^on fire$"),
        (b"<html><body>on fire</body></html>", "a web page, not JSON"),
    ],
)
def test_an_error_in_place_of_an_answer_is_told_in_its_words(content: bytes, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        read_response(content, "", 100)


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
