"""Request and response bodies of OpenAI's two endpoints, with vLLM's extensions.

A field that a server would silently ignore is never sent: vLLM's own fields go only to vLLM.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count, takewhile
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from agent.errors import MalformedError
from agent.models.served.refusals import is_page, refusal_in, words_of
from agent.parsing.marks import without_thinking
from agent.types import Completion, Message, Sampling, Usage, reason_of_no_text

PATHS = {"chat": "/chat/completions", "completions": "/completions"}
_CHARACTERS_PER_TOKEN = 1_000
"""More characters than any tokenizer has in a token: longer answers are malformed."""
_LARGEST = 1e300
"""Log-probabilities beyond this are none: infinite, or not a number."""
_PARTS = ("text", "value", "content", "thinking", "reasoning", "refusal")
"""Keys of the texts in a part of a message."""
_KINDS = {"thinking": "reasoning", "reasoning": "reasoning", "refusal": "refusal"}
"""The kind of the texts in a part of some type, or under some key; others are content."""


def request_body(
    name: str, messages: Sequence[Message], n: int, sampling: Sampling, *, vllm: bool
) -> dict[str, Any]:
    """Return the body of a request for `n` answers, with all sampling parameters.

    A beam search, which only vLLM has, gives all its beams, the best first. Servers take missing
    parameters from the model's generation_config.json.
    """
    body: dict[str, Any] = {
        "model": name,
        "n": n,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "frequency_penalty": 0.0,
        "presence_penalty": sampling.presence_penalty,
        "max_tokens": sampling.max_tokens,
        "seed": sampling.seed,
    }
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if vllm:
        body |= {"top_k": sampling.top_k or -1, "min_p": sampling.min_p}
        body["repetition_penalty"] = sampling.repetition_penalty
    if sampling.beams is not None:
        body = {key: body[key] for key in ("model", "temperature", "max_tokens")}
        body |= {"n": sampling.beams, "use_beam_search": True}  # vLLM ignores all else
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


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """Return None for a value of another type: an answer does not depend on it."""
    try:
        return read(value)
    except ValidationError:
        return None


_Lenient = WrapValidator(_or_none)


class _Message(BaseModel):
    content: str | None = None
    reasoning: Annotated[str | None, _Lenient] = None
    reasoning_content: Annotated[str | None, _Lenient] = None
    refusal: Annotated[str | None, _Lenient] = None
    tool_calls: Annotated[list[Any] | None, _Lenient] = None
    function_call: Annotated[dict[str, Any] | None, _Lenient] = None

    @model_validator(mode="before")
    @classmethod
    def _join_parts(cls, value: object) -> object:
        """Join content that is a list of parts: texts, thoughts and refusals, each to its kind."""
        if not isinstance(value, dict) or not isinstance(value.get("content"), list | dict):
            return value
        kinds: dict[str, list[str]] = {"content": [], "reasoning": [], "refusal": []}
        _sort_parts(value["content"], "content", kinds)
        joined = {kind: "".join(texts) for kind, texts in kinds.items()}
        return value | {kind: text for kind, text in joined.items() if text or kind == "content"}

    @property
    def thought(self) -> str:
        return self.reasoning or self.reasoning_content or ""


def _sort_parts(part: object, kind: str, kinds: dict[str, list[str]]) -> None:
    """Add the texts of a part, which may hold further parts, to those of their kind."""
    if isinstance(part, list):
        for one in part:
            _sort_parts(one, kind, kinds)
    elif isinstance(part, dict):
        kind = _KINDS.get(str(part.get("type")), kind)
        for key in _PARTS:
            _sort_parts(part.get(key), _KINDS.get(key, kind), kinds)
    elif isinstance(part, str):
        kinds[kind].append(part)


class _Choice(BaseModel):
    index: Annotated[int | None, _Lenient] = None
    message: _Message | None = None
    text: str | None = None
    logprobs: Any = None
    finish_reason: Annotated[str | None, _Lenient] = None
    error: Any = None

    @property
    def written(self) -> str:
        return self.text or (self.message and self.message.content) or ""

    @property
    def missing(self) -> str:
        """Reason why there is no text, or none but an unfinished thought; empty if there is."""
        if without_thinking(self.written).strip():
            return ""
        message = self.message or _Message()
        return reason_of_no_text(
            self.finish_reason or "",
            thought=bool(message.thought or self.written.strip()),
            called=bool(message.tool_calls or message.function_call),
            refused=bool(message.refusal),
        )


class _Usage(BaseModel):
    prompt_tokens: Annotated[int | None, _Lenient] = None
    completion_tokens: Annotated[int | None, _Lenient] = None


class _Response(BaseModel):
    choices: list[_Choice]
    usage: Annotated[_Usage | None, _Lenient] = None


def read_response(
    content: bytes, prefix: str, max_tokens: int, n: int | None = None
) -> list[Completion]:
    """Return the answers of a response in order of their indices, once each, up to the first gap.

    `prefix` is the text that they were begun with; `n` is the number that was asked for, and
    further answers are left out. A choice's tokens are counted by its log-probabilities. Choices
    without any divide evenly what else was charged, since `usage` does not count each choice.
    Raises MalformedError, with the server's words if it sent an error.
    """
    response = _parse(content)
    by_index: dict[int, _Choice] = {}
    for i, choice in enumerate(response.choices):
        if not choice.error or choice.written:
            by_index.setdefault(i if choice.index is None else choice.index, choice)
    choices = [by_index[index] for index in takewhile(by_index.__contains__, count())][:n]
    if not choices:
        errors = (choice.error for choice in response.choices if choice.error)
        raise MalformedError(words_of(next(errors, "the response has no choices")))
    usage, tokens = response.usage or _Usage(), [_tokens(choice.logprobs) for choice in choices]
    counts, prompt = _counts(tokens, usage.completion_tokens or 0), usage.prompt_tokens or 0
    answers = [
        _completion(choice, prefix, Usage(prompt_tokens=prompt, completion_tokens=number), own)
        for choice, number, own in zip(choices, counts, tokens, strict=True)
    ]
    longest = max(len(answer.text) + len(answer.reasoning) for answer in answers)
    if longest > _CHARACTERS_PER_TOKEN * max_tokens + len(prefix):
        raise MalformedError(f"an answer has {longest:,} characters in {max_tokens:,} tokens")
    return answers


def _parse(content: bytes) -> _Response:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        if is_page(content.decode("utf-8", "replace")):
            raise MalformedError("the response is a web page, not JSON") from None
        raise MalformedError(f"the response is not JSON: {error}") from None
    try:
        return _Response.model_validate(body)
    except ValidationError as error:
        if (refusal := refusal_in("", content)) is not None:
            raise MalformedError(refusal.words) from None
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the whole body"
        raise MalformedError(f"the response is malformed: {where}") from None
    except RecursionError:
        raise MalformedError("the response is malformed: it is nested too deeply") from None


def _tokens(logprobs: object) -> list[float | None]:
    """Return the log-probabilities of a choice's tokens; None for each that is unknown."""
    if not isinstance(logprobs, dict):
        return []
    if isinstance(tokens := logprobs.get("content"), list):
        found = [token.get("logprob") if isinstance(token, dict) else None for token in tokens]
        return [value if _is_number(value) else None for value in found]
    listed = logprobs.get("token_logprobs")
    return list(filter(_is_number, listed)) if isinstance(listed, list) else []


def _is_number(value: object) -> bool:
    return isinstance(value, float | int) and -_LARGEST < value < _LARGEST


def _counts(tokens: Sequence[Sequence[object]], charged: int) -> list[int]:
    """Return the number of tokens of each choice, of those that were charged for all."""
    counts = [*map(len, tokens)]
    rest = max(0, charged - sum(counts))
    sharing = [i for i, number in enumerate(counts) if not number]
    for place, i in enumerate(sharing):
        counts[i] = (rest + place) // len(sharing)
    return counts


def _completion(
    choice: _Choice, prefix: str, usage: Usage, tokens: Sequence[float | None]
) -> Completion:
    logprobs = [value for value in tokens if value is not None]
    return Completion(
        text=prefix + choice.written,
        reasoning=choice.message.thought if choice.message else "",
        usage=usage,
        finish_reason=choice.finish_reason or "stop",
        mean_logprob=sum(logprobs) / len(logprobs) if logprobs else None,
        missing=choice.missing,
    )
