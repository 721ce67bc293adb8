"""Exchanges with servers other than vLLM, written after the public documentation of each.

Only vLLM was run for real. An exchange says how a server answers requests of one kind; the first
whose `needs` are in the request's body answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.models.replying_server import Asked, Reply

CHAT = "/v1/chat/completions"
TEXT = "```python\ndef f(x):\n    return x\n```"


@dataclass(frozen=True)
class Exchange:
    """A response, and the requests that get it."""

    method: str
    path: str
    reply: Reply
    needs: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the request: each has this value, or more than it if the value is `MORE`."""

    def is_for(self, asked: Asked) -> bool:
        return (asked.method, asked.path) == (self.method, self.path) and all(
            asked.body.get(name) == value if value is not MORE else asked.body.get(name, 1) > 1
            for name, value in self.needs.items()
        )


MORE = object()


def _message(content: str | None, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


def _answer(
    *messages: dict[str, Any], usage: tuple[int, int], head: Mapping[str, Any], **choice: Any
) -> Reply:
    prompt, completion = usage
    choices = [
        {"index": i, "message": message, "finish_reason": "stop", **choice}
        for i, message in enumerate(messages)
    ]
    counts = {"prompt_tokens": prompt, "completion_tokens": completion}
    counts["total_tokens"] = prompt + completion
    return Reply({"object": "chat.completion", **head, "choices": choices, "usage": counts})


def _listed(**model: Any) -> Reply:
    return Reply({"object": "list", "data": [{"object": "model", "created": 1790000000, **model}]})


def _openai_error(status: int, message: str, kind: str, **more: Any) -> Reply:
    return Reply({"error": {"message": message, "type": kind, **more}}, status)


LLAMA_CPP = (
    Exchange(
        "GET",
        "/v1/models",
        Reply(
            {
                "models": [{"name": "coder.gguf", "model": "coder.gguf", "capabilities": []}],
                "object": "list",
                "data": [
                    {
                        "id": "coder.gguf",
                        "object": "model",
                        "owned_by": "llamacpp",
                        "meta": {"vocab_type": 2, "n_ctx_train": 32768, "n_params": 494032768},
                    }
                ],
            }
        ),
    ),
    Exchange(
        "POST",
        CHAT,
        _openai_error(500, "Only one completion choice is allowed", "server_error", code=500),
        {"n": MORE},
    ),
    Exchange(
        "POST",
        CHAT,
        _answer(
            _message(TEXT, reasoning_content="x is returned"),
            usage=(21, 14),
            head={"model": "coder.gguf", "system_fingerprint": "b8681", "timings": {"prompt_n": 1}},
            logprobs={
                "content": [
                    {"id": i, "token": "t", "bytes": [116], "logprob": -0.5, "top_logprobs": []}
                    for i in range(14)
                ]
            },
        ),
    ),
)
OLLAMA = (
    Exchange("GET", "/v1/models", _listed(id="qwen2.5-coder:0.5b", owned_by="library")),
    Exchange(
        "POST",
        CHAT,
        _answer(
            _message(TEXT),
            usage=(26, 14),
            head={"model": "qwen2.5-coder:0.5b", "system_fingerprint": "fp_ollama"},
        ),
    ),
)
SGLANG = (
    Exchange(
        "GET",
        "/v1/models",
        _listed(id="Qwen/Coder", owned_by="sglang", root="Qwen/Coder", max_model_len=4096),
    ),
    Exchange(
        "POST",
        CHAT,
        _answer(
            *(_message(TEXT, reasoning_content=None, tool_calls=None) for _ in range(3)),
            usage=(20, 42),
            head={"model": "Qwen/Coder", "metadata": {"weight_version": "default"}},
            logprobs={
                "content": [
                    {"token": "t", "bytes": [116], "logprob": -0.25, "top_logprobs": []}
                    for _ in range(14)
                ]
            },
            matched_stop=151645,
        ),
    ),
)
LM_STUDIO = (
    Exchange("GET", "/v1/models", _listed(id="qwen2.5-coder-0.5b", owned_by="organization_owner")),
    Exchange(
        "POST",
        CHAT,
        _answer(
            _message(TEXT, tool_calls=[]),
            usage=(24, 14),
            head={"model": "qwen2.5-coder-0.5b", "stats": {}, "system_fingerprint": "lm"},
            logprobs=None,
        ),
    ),
)
LITELLM = (
    Exchange("GET", "/v1/models", _listed(id="coder", owned_by="openai")),
    Exchange(
        "POST",
        CHAT,
        _openai_error(
            400,
            "litellm.UnsupportedParamsError: anthropic does not support parameters: ['logprobs', "
            "'seed'], for model=coder. To drop these, set `litellm.drop_params=True`. Received "
            "Model Group=coder. Available Model Group Fallbacks=None",
            "None",
            param=None,
            code="400",
        ),
        {"logprobs": True},
    ),
    Exchange(
        "POST",
        CHAT,
        _openai_error(
            400,
            "litellm.UnsupportedParamsError: anthropic does not support parameters: ['seed'], for "
            "model=coder. To drop these, set `litellm.drop_params=True`.",
            "None",
            param=None,
            code="400",
        ),
        {"seed": 0},
    ),
    Exchange(
        "POST",
        CHAT,
        _answer(
            _message(TEXT, tool_calls=None, function_call=None, provider_specific_fields=None),
            usage=(19, 14),
            head={"model": "coder", "system_fingerprint": None},
        ),
    ),
)
UNKNOWN = {
    "llama.cpp": _openai_error(404, "File Not Found", "not_found_error", code=404),
    "Ollama": Reply("404 page not found", 404),
    "SGLang": Reply({"detail": "Not Found"}, 404),
    "LM Studio": Reply({"error": "Unexpected endpoint or method. (GET /models)"}),
    "LiteLLM": Reply({"detail": "Not Found"}, 404),
}
"""Answers to a path that a server does not have."""
SERVERS = {
    "llama.cpp": LLAMA_CPP,
    "Ollama": OLLAMA,
    "SGLang": SGLANG,
    "LM Studio": LM_STUDIO,
    "LiteLLM": LITELLM,
}
TOO_LONG = {
    "llama.cpp": _openai_error(
        400,
        "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
        "exceed_context_size_error",
        code=400,
        n_prompt_tokens=5000,
        n_ctx=4096,
    ),
    "SGLang": Reply(
        {
            "object": "error",
            "message": "Requested token count exceeds the model's maximum context length of 4096 "
            "tokens. You requested a total of 5000 tokens.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
        400,
    ),
    "LiteLLM": _openai_error(
        400,
        "litellm.ContextWindowExceededError: litellm.BadRequestError: This model's maximum context "
        "length is 4096 tokens.",
        "invalid_request_error",
        param=None,
        code="400",
    ),
}
"""Refusals of a prompt that does not fit; Ollama and LM Studio cut it without a word."""
LOADING = _openai_error(503, "Loading model", "unavailable_error", code=503)
"""The answer of llama.cpp's server while it reads the weights."""


def speaks(name: str) -> Any:
    """Return the function that answers as a server does."""

    def answer(asked: Asked) -> Reply:
        found = (one.reply for one in SERVERS[name] if one.is_for(asked))
        return next(found, UNKNOWN[name])

    return answer
