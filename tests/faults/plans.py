"""The faults of a request, and the conditions on which they occur."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from time import sleep
from typing import Any

from tests.faults.problems import is_repair, problem_of, text_of
from tests.faults.server import Exchange, Fault, FaultyServer, When

LONG = 30_000_000


@dataclass(frozen=True)
class Refusal:
    """An error response with a status and a message."""

    status: int
    words: str = "not now"

    async def __call__(self, exchange: Exchange) -> None:
        error = {"message": self.words, "type": "error", "param": None, "code": self.status}
        await exchange.say({"error": error}, self.status)


@dataclass(frozen=True)
class Body:
    """A response with status 200 and this body."""

    data: bytes

    async def __call__(self, exchange: Exchange) -> None:
        await exchange.send(self.data)


@dataclass(frozen=True)
class Raw:
    """Bytes in place of an HTTP response."""

    data: bytes

    async def __call__(self, exchange: Exchange) -> None:
        await exchange.send_raw(self.data)


@dataclass(frozen=True)
class Half:
    """Half of a correct response, and then `end`."""

    end: Callable[[Exchange, bytes], Any]

    async def __call__(self, exchange: Exchange) -> None:
        data = json.dumps(exchange.response(exchange.choices())).encode()
        half = len(data) // 2
        await exchange.send(data[:half], length=len(data))
        await self.end(exchange, data[half:])


@dataclass(frozen=True)
class Changed:
    """A correct response with a change in its bytes that keeps the length."""

    old: bytes
    new: bytes

    async def __call__(self, exchange: Exchange) -> None:
        data = json.dumps(exchange.response(exchange.choices())).encode()
        await exchange.send(data.replace(self.old, self.new, 1))


@dataclass(frozen=True)
class Meanwhile:
    """A correct response, after a function has done something to the machine."""

    done: Callable[[], object]

    async def __call__(self, exchange: Exchange) -> None:
        self.done()
        await exchange.answer()


async def _close(exchange: Exchange) -> None:
    await exchange.close()


async def _reset(exchange: Exchange) -> None:
    await exchange.close(reset=True)


async def _no_choices(exchange: Exchange) -> None:
    await exchange.say(exchange.response([]))


async def _too_long(exchange: Exchange) -> None:
    choices = exchange.choices()
    choices[0]["message"]["content"] = "x" * LONG
    await exchange.say(exchange.response(choices))


async def hang(exchange: Exchange) -> None:
    """Send nothing, and keep the connection open."""
    await exchange.hang()


async def leave(exchange: Exchange) -> None:
    """Stop the server before it answers."""
    exchange.server.leave()


async def too_long_prompt(exchange: Exchange) -> None:
    """Refuse as vLLM does when a prompt is longer than the context."""
    words = (
        "This model's maximum context length is 2048 tokens. However, your request has 2100 input "
        "tokens. Please reduce the length of the input messages."
    )
    error = {"message": words, "type": "BadRequestError", "param": "input_tokens", "code": 400}
    await exchange.say({"error": error}, 400)


PASSING: dict[str, Fault] = {
    **{f"status {status}": Refusal(status) for status in (408, 409, 429, 500, 502, 503, 504)},
    "no reply": _close,
    "reset before the reply": _reset,
    "reset in mid-body": Half(lambda exchange, _: exchange.close(reset=True)),
    "truncated body": Half(lambda exchange, _: exchange.close()),
    "a page in place of JSON": Body(b"<html><body>Bad gateway</body></html>"),
    "half of the JSON": Body(b'{"id": "x", "choices": [{"index": 0, "mess'),
    "no object": Body(b"null"),
    "empty body": Body(b""),
    "invalid UTF-8": Changed(b"return", b"ret\xff\xfen"),
    "no choices": _no_choices,
    "an error with status 200": Body(b'{"error": {"message": "try again", "type": "overloaded"}}'),
    "an error as text": Body(b'{"error": "try again"}'),
    "a garbled status line": Raw(b"HELO there\r\n\r\n"),
    "a status of five digits": Raw(b"HTTP/1.1 99999 X\r\nContent-Length: 0\r\n\r\n"),
    "a bad chunk": Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    "an absurdly long answer": _too_long,
}
"""Faults after which the same request can succeed."""


def always(exchange: Exchange) -> bool:
    """Match every request."""
    return True


def at(*numbers: int) -> When:
    """Match the requests of these numbers, from 1."""
    return lambda exchange: exchange.number in numbers


def for_several(exchange: Exchange) -> bool:
    """Match each request for more than one answer."""
    return int(exchange.body.get("n", 1)) > 1


def about(name: str) -> When:
    """Match each request about one problem."""
    return lambda exchange: problem_of(exchange.body) == name


def long_repair(exchange: Exchange) -> bool:
    """Match each repair request that shows more than one test."""
    return is_repair(exchange.body) and text_of(exchange.body).count("assert ") > 1


@contextmanager
def coming_back(server: FaultyServer, seconds: float) -> Iterator[None]:
    """Restart the server a number of seconds after each time that it stops."""
    done = Event()

    def come_back() -> None:
        while not done.is_set():
            if server.down.wait(0.05):
                server.stop()
                sleep(seconds)
                server.start()

    thread = Thread(target=come_back)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
