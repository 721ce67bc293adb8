"""A server's responses that are not answers: their words, and the error that each stands for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.errors import (
    ModelError,
    PromptTooLongError,
    RefusedError,
    ServerError,
    TransientError,
    UnsupportedFieldError,
)
from agent.models.served.addresses import advice_on
from agent.support.retry import asked_wait

_BUSY = frozenset({408, 409, 425, 429})
_TOO_LONG = ("context length", "context_length_exceeded", "context size", "exceed_context_size")
_OPTIONAL = ("logprobs", "seed", "n", "frequency_penalty", "presence_penalty")
"""Fields that a request can do without; without a penalty only if that is 0."""
_DISTINCT = (
    *(name for name in _OPTIONAL if name != "n"),
    *("temperature", "top_p", "max_tokens", "top_k", "min_p", "repetition_penalty"),
    *("continue_final_message", "add_generation_prompt", "chat_template_kwargs"),
)
"""Fields whose names mean nothing else in a sentence, so that a mention is about the field."""
_WORDS = ("model", "messages", "prompt", "stop")
"""Fields whose names are words: only a mention with quotes or a colon is about the field."""
_PLACES = ("param", "parameter", "field", "loc")
"""Keys of an error under which servers name the field that it is about."""
_MESSAGES = ("error", "errors", "message", "msg", "detail")
"""Keys under which servers put the message of an error."""
_ONE_ANSWER = re.compile(r"\bonly (?:one|a single|1|n ?= ?1)\b", re.IGNORECASE)
_CHARACTERS = 500
_PAGE = re.compile(r"(?:\s|<\?xml[^>]*>|<!--.*?-->)*<(?:!doctype html|html)\b", re.I | re.S)


@dataclass(frozen=True)
class Refusal:
    """A response that is not an answer."""

    url: str
    status: int
    body: object
    """The body as JSON, or as text if it is not JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The server's message as one line of at most 500 characters."""
        return words_of(self.body) or "no reason given"

    def error(self, body: Mapping[str, Any]) -> ServerError | ModelError:
        """Return the exception for this response to a request with `body`."""
        status = self.status
        words = f"{self.url}: {self.words if status == 200 else f'{status}: {self.words}'}"
        if status == 500 and body.get("n", 1) > 1 and _ONE_ANSWER.search(self.words):
            return UnsupportedFieldError(words, "n")  # llama.cpp's server
        if status in _BUSY or status >= 500 or status < 200:
            wait = asked_wait(self.headers, limited=status == 429)
            return TransientError(words, wait=wait, status=status)
        if status == 413 or any(mark in words.lower() for mark in _TOO_LONG):
            return PromptTooLongError(words)
        if status == 200:
            return TransientError(words, status=status)
        if status in (400, 422) and (rejected := self._rejected_field(body)):
            return UnsupportedFieldError(words, rejected)
        if status in (404, 405) and "model" not in self.words.lower():
            words += advice_on(self.url)
        return RefusedError(words, status=status)

    def _rejected_field(self, body: Mapping[str, Any]) -> str:
        """Return the field to change or to leave out before the request is sent again, else "".

        Servers have many ways to say that they give one answer a request. A refusal that names no
        field of the request is therefore about `n`, if that was more than 1.
        """
        if "max_tokens" in body and "max_completion_tokens" in self.words:
            return "max_tokens"
        named = _marked_fields(self.body) or _mentioned_fields(self.words)
        sent = named.intersection(body)
        if body.get("n", 1) > 1 and ("n" in sent or not sent):
            return "n"
        optional = (name for name in _OPTIONAL if name in sent)
        return next(
            (name for name in optional if not name.endswith("penalty") or not body[name]), ""
        )


def refusal_in(url: str, content: bytes) -> Refusal | None:
    """Return the refusal in a body with status 200; None if that has choices or lists models.

    A gateway may give the status of the server behind it as the error's code.
    """
    if b'"choices"' in content and b'"error"' not in content[:_CHARACTERS]:
        return None  # not parsed twice
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not any(map(body.get, _MESSAGES)):
        return None
    if body.get("choices") or body.get("data"):
        return None
    inner = body.get("error")
    code = str((inner if isinstance(inner, dict) else body).get("code"))
    status = int(code) if re.fullmatch("[45][0-9]{2}", code) else 200
    return Refusal(url, status, body)


def words_of(body: object) -> str:
    """Return the message in the body of a refusal as one line; empty if it has none.

    It is the text under `error`, `message` or `detail`, or all the text if there is none.
    """
    if isinstance(body, str) and is_page(body):
        title = re.search(r"<title[^>]*>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
        body = f"a web page ({' '.join(title[1].split())})" if title else "a web page"
    return " ".join(_inner(body).split())[:_CHARACTERS]


def is_page(text: str) -> bool:
    """Whether a text is a web page."""
    return _PAGE.match(text) is not None


def _inner(body: object) -> str:
    if isinstance(body, dict):
        for key in _MESSAGES:
            if body.get(key):
                place = ".".join(map(str, _items(body.get("loc"))))
                return f"{place}: {_inner(body[key])}" if place else _inner(body[key])
        return "; ".join(f"{key}: {_inner(value)}" for key, value in body.items())
    if isinstance(body, list):
        return "; ".join(filter(None, map(_inner, body)))
    return "" if body is None else str(body)


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _marked_fields(body: object) -> set[str]:
    """Return the request's fields that an error names by its own marks, such as `param`."""
    as_text = re.findall(
        r"['\"]loc['\"]: *[\[(]([^\])]*)", words_of(body)
    )  # pydantic's, in a message
    marked = re.findall(r"\w+", " ".join((*_marks(body), *as_text)))
    return {"n", *_DISTINCT, *_WORDS}.intersection(marked)


def _marks(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _marks(item)
    elif isinstance(value, dict):
        for key in _PLACES:
            yield from map(str, _items(value.get(key)))
        for key in ("error", "errors", "detail", "details"):
            yield from _marks(value.get(key))


def _mentioned_fields(words: str) -> set[str]:
    """Return the request's fields that a text names."""
    found = {name for name in _DISTINCT if name.rstrip("s") in words}
    found |= {name for name in _WORDS if re.search(rf"""["'`]{name}["'`]|\b{name} ?[:=]""", words)}
    return found | ({"n"} if re.search(r"(?<![\w\\])n(?!\w)", words, re.IGNORECASE) else set())
