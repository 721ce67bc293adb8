"""The client of one server that speaks OpenAI's protocol."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from agent.errors import (
    ModelError,
    PromptTooLongError,
    RefusedError,
    ServerError,
    TransientError,
    UnsupportedFieldError,
)

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

KNOCK_SECONDS = 5.0
_SSL = re.compile(r" ssl:(<[^>]*>|\w+)")
"""The client's note on TLS, which it adds to errors of plain HTTP, too."""
_BUSY = frozenset({408, 409, 425, 429})
_TOO_LONG = ("context length", "context_length_exceeded", "context size", "exceed_context_size")
_OPTIONAL = ("logprobs", "seed", "n", "frequency_penalty", "presence_penalty")


@dataclass(frozen=True)
class ServerInfo:
    """The facts that a server reports about itself."""

    url: str
    models: Mapping[str, int | None]
    """The context in tokens, or None if not reported, by model name."""
    vllm: bool
    version: str | None
    """vLLM's version; None for other servers, or if vLLM does not report it."""
    origins: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    """Root and parent of each model by name: its weights, and the model that it adapts."""


class _Model(BaseModel):
    id: str
    owned_by: str | None = None
    max_model_len: int | None = None
    root: object = None
    parent: object = None

    def origin(self) -> tuple[str | None, str | None]:
        return _text(self.root), _text(self.parent)


class _Models(BaseModel):
    data: list[_Model]


class Server:
    """The server at one base URL. It does not retry: `ServerPool` does."""

    def __init__(self, url: str, key: str, timeout: float):
        from openai import AsyncOpenAI, DefaultAioHttpClient

        self.url = url.rstrip("/")
        self._timeout = timeout
        self._client: AsyncOpenAI = AsyncOpenAI(
            base_url=self.url,
            api_key=key,
            timeout=timeout,
            max_retries=0,
            http_client=DefaultAioHttpClient(),
        )
        self.in_flight = 0
        self.down_at: float | None = None
        """Time when it was found unreachable, by the monotonic clock; None while it answers."""
        self.is_checked = True
        """False after it was gone: it may serve another model when it is back."""

    async def facts(self, seconds: float) -> ServerInfo:
        """Return the server's facts. Raises ServerError without a usable response in `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                models = _Models.model_validate(json.loads(await self._get("/models"))).data
                vllm = any(model.owned_by == "vllm" for model in models)
                version = await self._version() if vllm else None
        except TransientError as error:
            raise TransientError(f"no model server answers at {error}", lost=error.lost) from None
        except ServerError as error:
            raise ServerError(f"no model server answers at {error}") from None
        except TimeoutError:
            raise TransientError(
                f"no model server answers at {self.url} within {seconds:g} s", lost=True
            ) from None
        except ValidationError:
            raise ServerError(
                f"no model server answers at {self.url}: bad list of models"
            ) from None
        except (ValueError, RecursionError) as error:
            raise ServerError(f"no model server answers at {self.url}: {error}") from None
        contexts = {model.id: model.max_model_len for model in models}
        origins = {model.id: model.origin() for model in models}
        return ServerInfo(self.url, contexts, vllm, version, origins)

    async def answers(self) -> bool:
        """Whether the server gives any response, even a refusal."""
        try:
            async with asyncio.timeout(KNOCK_SECONDS):
                await self._get("/models")
        except TransientError as error:
            return not error.lost
        except TimeoutError:
            return False
        except ServerError:
            return True
        return True

    async def post(self, path: str, body: Mapping[str, Any]) -> bytes:
        """Send one request and return the body of the response.

        Raises PromptTooLongError, RefusedError, TransientError, or UnsupportedFieldError.
        """
        self.in_flight += 1
        try:
            async with asyncio.timeout(self._timeout):
                return await self._send("POST", path, body)
        except TimeoutError:
            seconds = f"{self._timeout:g} s"
            raise TransientError(f"{self.url}: no answer within {seconds}", lost=True) from None
        finally:
            self.in_flight -= 1

    async def metrics(self) -> str:
        """Return vLLM's metrics in Prometheus' text format. Raises ServerError."""
        try:
            async with asyncio.timeout(KNOCK_SECONDS):
                return (await self._get(f"{self._root}/metrics")).decode("utf-8", "replace")
        except TimeoutError:
            raise ServerError(f"{self.url}: no metrics within {KNOCK_SECONDS:g} s") from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    @property
    def _root(self) -> str:
        """The URL under which vLLM serves paths that are not part of OpenAI's API."""
        return self.url.removesuffix("/v1")

    async def _version(self) -> str | None:
        try:
            version = json.loads(await self._get(f"{self._root}/version"))["version"]
        except (ServerError, ValueError, KeyError, TypeError):
            return None
        return version if isinstance(version, str) else None

    async def _get(self, path: str) -> bytes:
        return await self._send("GET", path, None)

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> bytes:
        from openai import APIError, APIStatusError

        try:
            response = await self._raw(method, path, body)
        except APIStatusError as error:
            raise self._refusal(error, body or {}) from None
        except APIError as error:
            cause = error.__cause__ or error
            words = _SSL.sub("", str(cause)) or type(cause).__name__
            raise TransientError(f"{self.url}: {words}", lost=True) from None
        return response

    async def _raw(self, method: str, path: str, body: Mapping[str, Any] | None) -> bytes:
        """Send a request and return the raw body, without the client's own parsing."""
        from openai import HttpxBinaryResponseContent as Content

        if method == "GET":
            return (await self._client.get(path, cast_to=Content)).content
        return (await self._client.post(path, cast_to=Content, body=body)).content

    def _refusal(self, error: APIStatusError, body: Mapping[str, Any]) -> ServerError | ModelError:
        """Return the exception for a response whose status is an error."""
        status, words = error.status_code, f"{self.url}: {error.status_code}: {_message(error)}"
        if status in _BUSY or status >= 500:
            return TransientError(words, wait=_retry_after(error))
        if status == 413 or any(mark in words.lower() for mark in _TOO_LONG):
            return PromptTooLongError(words)
        if status in (400, 422) and (field := _rejected_field(error, body)):
            return UnsupportedFieldError(words, field)
        return RefusedError(words)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _message(error: APIStatusError) -> str:
    """Return the server's message as one line of at most 500 characters."""
    inner = error.body
    for key in ("error", "message", "detail"):
        inner = inner.get(key, inner) if isinstance(inner, dict) else inner
    text = inner if isinstance(inner, str) else error.response.text if inner is None else str(inner)
    return " ".join(text.split())[:500] or "no reason given"


def _retry_after(error: APIStatusError) -> float:
    try:
        return min(float(error.response.headers.get("retry-after", "")), 60.0)
    except ValueError:
        return 0.0


def _rejected_field(error: APIStatusError, body: Mapping[str, Any]) -> str:
    """Return the field that a server rejects, if the request can do without it, else ""."""
    inner = error.body.get("error", error.body) if isinstance(error.body, dict) else {}
    named = inner.get("param") if isinstance(inner, dict) else None
    words = _message(error)
    if "max_tokens" in body and "max_completion_tokens" in words:
        return "max_tokens"
    fields = [field for field in _OPTIONAL if field in body and _is_about(field, named, words)]
    # Greedy answers are all equal, so a server may rightly reject n > 1.
    return next((field for field in fields if field != "n" or body["temperature"]), "")


def _is_about(field: str, named: object, words: str) -> bool:
    return named == field or (named is None and len(field) > 1 and field.rstrip("s") in words)
