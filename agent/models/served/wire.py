"""Request and response bodies of OpenAI's two endpoints, with vLLM's extensions.

A field that a server would silently ignore is never sent: vLLM's own fields go only to vLLM.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count, takewhile
from typing import Any

from pydantic import BaseModel, ValidationError

from agent.errors import MalformedError
from agent.types import Completion, Message, Sampling, Usage

PATHS = {"chat": "/chat/completions", "completions": "/completions"}
_CHARACTERS_PER_TOKEN = 1_000
"""More characters than any tokenizer has in a token: longer answers are malformed."""


def request_body(
    name: str, messages: Sequence[Message], n: int, sampling: Sampling, *, vllm: bool
) -> dict[str, Any]:
    """Return the body of a request for `n` answers, with all sampling parameters.

    Servers take missing parameters from the model's generation_config.json.
    """
    body: dict[str, Any] = {
        "model": name,
        "n": n,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "frequency_penalty": 0.0,
        "presence_penalty": 0.0,
        "max_tokens": sampling.max_tokens,
        "seed": sampling.seed,
    }
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if vllm:
        body |= {"top_k": sampling.top_k or -1, "min_p": 0.0, "repetition_penalty": 1.0}
    if sampling.endpoint == "completions":
        return body | {"prompt": as_text(messages), "logprobs": 1}
    body |= {"messages": [message.model_dump() for message in messages], "logprobs": True}
    if prefix := begun_with(messages):
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    if vllm and (prefix or sampling.thinking is not None):
        # Without this, vLLM would read the begun answer as thinking.
        body["chat_template_kwargs"] = {"enable_thinking": bool(sampling.thinking and not prefix)}
    return body


def as_text(messages: Sequence[Message]) -> str:
    """Return a chat as a document for a base model to continue."""
    return "\n\n".join(message.content for message in messages) + (
        "" if begun_with(messages) else "\n\n"
    )


def begun_with(messages: Sequence[Message]) -> str:
    """Return the text that an answer must begin with: the last turn if it is the assistant's."""
    last = messages[-1] if messages else None
    return last.content if last is not None and last.role == "assistant" else ""


class _Message(BaseModel):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None


class _Token(BaseModel):
    logprob: float


class _Logprobs(BaseModel):
    content: list[_Token] | None = None
    token_logprobs: list[float | None] | None = None

    def values(self) -> list[float]:
        if self.content is not None:
            return [token.logprob for token in self.content]
        return [value for value in self.token_logprobs or () if value is not None]


class _Choice(BaseModel):
    index: int | None = None
    message: _Message = _Message()
    text: str | None = None
    logprobs: _Logprobs | None = None
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Response(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


def read_response(content: bytes, prefix: str, max_tokens: int) -> list[Completion]:
    """Return the answers of a response in order of their indices, once each, up to the first gap.

    `prefix` is the text that they were begun with. A choice's tokens are counted by its
    log-probabilities. If the server sends none, the response's total is divided evenly, since
    `usage` does not count each choice. Raises MalformedError.
    """
    response = _parse(content)
    by_index: dict[int, _Choice] = {}
    for i, choice in enumerate(response.choices):
        by_index.setdefault(i if choice.index is None else choice.index, choice)
    choices = [by_index[index] for index in takewhile(by_index.__contains__, count())]
    if not choices:
        raise MalformedError("the response has no choices")
    usage = response.usage or _Usage()
    answers = [
        _completion(choice, prefix, usage.prompt_tokens or 0, share)
        for choice, share in zip(
            choices, _shares(usage.completion_tokens or 0, len(choices)), strict=True
        )
    ]
    longest = max(len(answer.text) + len(answer.reasoning) for answer in answers)
    if longest > _CHARACTERS_PER_TOKEN * max_tokens + len(prefix):
        raise MalformedError(f"an answer has {longest:,} characters in {max_tokens:,} tokens")
    return answers


def _parse(content: bytes) -> _Response:
    try:
        return _Response.model_validate(json.loads(content))
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the whole body"
        raise MalformedError(f"the response is malformed: {where}") from None
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"the response is not JSON: {error}") from None


def _shares(total: int, count: int) -> list[int]:
    return [(total + i) // count for i in range(count)]


def _completion(choice: _Choice, prefix: str, prompt_tokens: int, share: int) -> Completion:
    logprobs = choice.logprobs.values() if choice.logprobs else []
    message = choice.message
    return Completion(
        text=prefix + (choice.text or message.content or ""),
        reasoning=message.reasoning or message.reasoning_content or "",
        usage=Usage(prompt_tokens=prompt_tokens, completion_tokens=len(logprobs) or share),
        finish_reason=choice.finish_reason or "stop",
        mean_logprob=sum(logprobs) / len(logprobs) if logprobs else None,
    )
