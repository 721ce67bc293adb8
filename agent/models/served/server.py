"""The client of one server that speaks OpenAI's protocol."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, model_validator

from agent.errors import ServerError, TransientError, UnsupportedFieldError
from agent.models.served.addresses import advice_on, other_base_urls
from agent.models.served.refusals import Refusal, is_page, refusal_in
from agent.support.activity import Say, silent

if TYPE_CHECKING:
    from openai import AsyncOpenAI, HttpxBinaryResponseContent

KNOCK_SECONDS = 5.0
_WITHOUT_LIST = frozenset({200, 400, 403, 404, 405, 410, 422, 501})
"""Statuses with which a server says that it does not list its models: 200 with another body."""
_SSL = re.compile(r" ssl:(<[^>]*>|\w+)")
"""The client's note on TLS, which it adds to errors of plain HTTP, too."""


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

    @model_validator(mode="before")
    @classmethod
    def _as_object(cls, value: object) -> object:
        """Accept a bare list, and null for an empty one: some servers send them."""
        if isinstance(value, dict):
            return value | {"data": value["data"] or []} if "data" in value else value
        return {"data": value}


class Server:
    """The server at one base URL. It does not retry: `ServerPool` does."""

    def __init__(self, url: str, key: str, timeout: float, say: Say = silent):
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
        self._say = say
        self._one_answer = False
        """Whether it gives only one answer to a request."""
        self.in_flight = 0
        self.down_at: float | None = None
        """Time when it was found unreachable, by the monotonic clock; None while it answers."""
        self.is_checked = True
        """False after it was gone: it may serve another model when it is back."""

    async def facts(self, seconds: float, *, named: bool = False) -> ServerInfo:
        """Return the server's facts. Raises ServerError without a usable response in `seconds`.

        If the user `named` the model, the server need not list its models.
        """
        try:
            async with asyncio.timeout(seconds):
                models = await self._models(named=named)
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
        contexts = {model.id: model.max_model_len for model in models}
        origins = {model.id: model.origin() for model in models}
        return ServerInfo(self.url, contexts, vllm, version, origins)

    async def _models(self, *, named: bool) -> list[_Model]:
        """Return the models that the server lists; none if it has no list and need not have one."""
        try:
            return _listed(self.url, await self._get("/models"))
        except ServerError as error:
            if isinstance(error, TransientError) and error.lost:
                raise
            if other := await self._other_base_url():
                there = f"but one does at {other}: give that with --model.base-url"
                raise ServerError(f"{self.url}, {there}") from None
            if named and error.status in _WITHOUT_LIST:
                return []
            raise

    async def _other_base_url(self) -> str | None:
        """Return another base URL of this server that lists models, if there is one."""
        for url in other_base_urls(self.url):
            with suppress(ServerError):
                if _listed(url, await self._get(f"{url}/models")):
                    return url
        return None

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

        A request for several answers that the server refuses for their number is sent once more
        for one, as are all requests after it. Raises PromptTooLongError, RefusedError,
        TransientError, or UnsupportedFieldError.
        """
        self.in_flight += 1
        try:
            async with asyncio.timeout(self._timeout):
                return await self._answered(path, body)
        except TimeoutError:
            seconds = f"{self._timeout:g} s"
            raise TransientError(f"{self.url}: no answer within {seconds}", lost=True) from None
        finally:
            self.in_flight -= 1

    async def _answered(self, path: str, body: Mapping[str, Any]) -> bytes:
        several = body.get("n", 1) > 1
        if several and not self._one_answer:
            try:
                return await self._send("POST", path, body)
            except UnsupportedFieldError as error:
                if error.field != "n":
                    raise
                refusal = error
            content = await self._send("POST", path, {**body, "n": 1})
            if not self._one_answer:
                self._one_answer = True
                self._say(f"model: one answer a request from now on (n = 1): {refusal}")
            return content
        return await self._send("POST", path, {**body, "n": 1} if several else body)

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
        from aiohttp import ClientError
        from aiohttp.http_exceptions import HttpProcessingError
        from openai import APIError, APIStatusError

        try:
            response = await self._raw(method, path, body)
        except APIStatusError as error:
            said = error.response
            refusal = Refusal(self.url, said.status_code, error.body, said.headers)
            raise refusal.error(body or {}) from None
        except APIError as error:
            cause = error.__cause__ or error
            words = _SSL.sub("", str(cause)) or type(cause).__name__
            raise TransientError(f"{self.url}: {words}", lost=True) from None
        except (ClientError, HttpProcessingError, UnicodeError) as error:
            # The client lets these pass: a garbled status line, or bytes in it that are not text.
            words = " ".join(str(getattr(error, "message", "") or error).split())
            words = f"{self.url}: the response is not HTTP: {words}"
            raise TransientError(words, lost=True) from None
        if body is not None and (found := refusal_in(self.url, response.content)) is not None:
            raise replace(found, headers=response.response.headers).error(body)
        return response.content

    async def _raw(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> HttpxBinaryResponseContent:
        """Send a request and return the response as it came, without the client's own parsing."""
        from openai import HttpxBinaryResponseContent as Content

        if method == "GET":
            return await self._client.get(path, cast_to=Content)
        return await self._client.post(path, cast_to=Content, body=body)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _listed(url: str, content: bytes) -> list[_Model]:
    """Return the models in a list of models. Raises ServerError; its status is 0 for a page."""
    if is_page(content.decode("utf-8", "replace")):
        raise ServerError(f"{url}: a web page, not a model server{advice_on(url)}")
    if (refusal := refusal_in(url, content)) is not None:
        raise ServerError(f"{url}: {refusal.words}{advice_on(url)}", status=refusal.status)
    try:
        return _Models.model_validate(json.loads(content)).data
    except (ValueError, RecursionError):
        raise ServerError(f"{url}: bad list of models{advice_on(url)}", status=200) from None
