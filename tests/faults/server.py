"""A model server that misbehaves by a plan, and counts every answer that it gave in full."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.faults.problems import MODEL, choice_of, key_of, text_of
from tests.stub_server import is_probe

Event = dict[str, Any]
Send = Callable[[Event], Awaitable[None]]
Receive = Callable[[], Awaitable[Event]]


class Exchange:
    """One chat request, and the ways to answer it."""

    def __init__(self, server: FaultyServer, scope: Event, receive: Receive, send: Send):
        self.server, self._scope, self._receive, self._send = server, scope, receive, send
        self.body: dict[str, Any] = {}
        self.number = 0
        """Its number among the server's requests, from 1."""

    async def read(self) -> None:
        """Read the request's body."""
        data, more = b"", True
        while more:
            event = await self._receive()
            data, more = data + event.get("body", b""), event.get("more_body", False)
        self.body = json.loads(data)

    def choices(self) -> list[dict[str, Any]]:
        """Return the choices of a correct response."""
        return [choice_of(self.body, index) for index in range(self.body.get("n") or 1)]

    def response(self, choices: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """Return a complete response; `more` adds fields to a correct one, or replaces them."""
        words = [len(str(choice["message"]["content"]).split()) for choice in choices]
        counts = {"prompt_tokens": len(text_of(self.body).split()), "completion_tokens": sum(words)}
        usage = counts | {"total_tokens": sum(counts.values())}
        head = {"id": "x", "object": "chat.completion", "created": 0, "model": MODEL}
        return head | {"choices": choices, "usage": usage} | more

    async def answer(self, choices: list[dict[str, Any]] | None = None, **more: Any) -> None:
        """Answer with some choices, by default all, and count those that were delivered."""
        given = self.choices() if choices is None else choices
        await self.say(self.response(given, **more))
        if not self._is_open():
            return
        for index in {choice["index"] for choice in given} & {*range(self.body.get("n") or 1)}:
            seed = self.body["seed"] + index
            self.server.answered[key_of(self.body["messages"], self.body, seed)] += 1

    def _is_open(self) -> bool:
        return any(one.client == self._scope["client"] for one in self.server.protocols())

    async def say(self, value: object, status: int = 200) -> None:
        """Send a value as JSON."""
        await self.send(json.dumps(value).encode(), status)

    async def send(self, data: bytes, status: int = 200, length: int | None = None) -> None:
        """Send bytes as JSON with a Content-Length; if that is longer, the body stays open."""
        size = len(data) if length is None else length
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % size)]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        more = size > len(data)
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def send_raw(self, data: bytes) -> None:
        """Send bytes that need not be HTTP, and close the connection."""
        protocol = next(p for p in self.server.protocols() if p.client == self._scope["client"])
        protocol.transport.write(data)
        protocol.transport.close()
        await self.hang()

    async def hang(self) -> None:
        """Send nothing more until the client hangs up."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def drip(self, data: bytes, seconds: float, pieces: int = 20) -> None:
        """Send the rest of an open body in pieces, every `seconds`, until the client hangs up."""
        gone = asyncio.ensure_future(self.hang())
        size = len(data) // pieces + 1
        for start in range(0, len(data), size):
            if (await asyncio.wait({gone}, timeout=seconds))[0]:
                return
            part, more = data[start : start + size], start + size < len(data)
            await self._send({"type": "http.response.body", "body": part, "more_body": more})
        await gone

    async def close(self, *, reset: bool = False) -> None:
        """Close the connection at once, in order or with a reset."""
        await asyncio.sleep(0.01)  # data sent before must arrive first
        protocol = next(p for p in self.server.protocols() if p.client == self._scope["client"])
        if reset:
            linger = struct.pack("ii", 1, 0)
            connection = protocol.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        protocol.transport.abort()
        await self.hang()


Fault = Callable[[Exchange], Awaitable[None]]
When = Callable[[Exchange], bool]


class FaultyServer:
    """A server of OpenAI's protocol. It keeps its port when it is stopped and started again."""

    def __init__(self) -> None:
        self.plan: list[tuple[When, Fault]] = []
        """The first fault whose condition matches answers a request."""
        self.delay = 0.0
        """Seconds that an answer takes."""
        self.models: list[dict[str, Any]] = [{"id": MODEL, "object": "model"}]
        self.listing: Fault | None = None
        """The answer to a request for the list of models, if it is not `models`."""
        self.requests: list[dict[str, Any]] = []
        """The requests, without the probes that identify the model."""
        self.probes = 0
        self.weights = "a river runs"
        """The answer to each probe."""
        self.loading = 0
        """Number of probes to answer with 503."""
        self.answered: Counter[str] = Counter()
        """Number of times that each answer was given in full, by key."""
        self.down = threading.Event()
        self._port = 0
        self._reserved: socket.socket | None = None
        """Keeps the port while nothing listens there: another process might be given it."""
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def forget(self) -> None:
        """Reset the server to its initial state, without faults and records."""
        self.plan, self.delay, self.requests, self.listing = [], 0.0, [], None
        self.probes, self.weights, self.loading = 0, "a river runs", 0
        self.answered.clear()

    def given_twice(self) -> list[str]:
        """Return the keys of answers that were given more than once."""
        return [key for key, times in self.answered.items() if times > 1]

    def protocols(self) -> Iterable[H11Protocol]:
        """Return the open connections."""
        connections = self._server.server_state.connections if self._server else ()
        found = (one for one in connections if isinstance(one, H11Protocol))
        return [one for one in found if not one.transport.is_closing()]

    def start(self) -> None:
        """Listen, on the previous port if there was one."""
        if self._reserved is None:
            self._reserved = self._bound()
            self._port = self._reserved.getsockname()[1]
        listener = self._bound()
        options: dict[str, Any] = {"log_config": None, "log_level": "critical", "lifespan": "off"}
        self._server = uvicorn.Server(
            uvicorn.Config(self._app, ws="none", interface="asgi3", **options)
        )
        serve = self._serve(self._server, listener)
        self._thread = threading.Thread(target=asyncio.run, args=(serve,), daemon=True)
        self._thread.start()
        listener.listen(128)  # connections are accepted from here on
        self.down.clear()

    def _bound(self) -> socket.socket:
        """Return a socket on the server's port, or on a free one at first."""
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", self._port))
        return bound

    def leave(self) -> None:
        """Refuse new connections and drop open ones. Can be called while a request is handled."""
        if self._server is not None:
            self._server.should_exit = True
            for listening in self._server.servers:
                listening.close()
            for protocol in self.protocols():
                protocol.transport.abort()
        self.down.set()

    def stop(self) -> None:
        """Stop the server, and return when the port is free."""
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join()
            self._server = None
        self.down.set()

    def close(self) -> None:
        """Stop the server for good, and give its port back."""
        self.stop()
        if self._reserved is not None:
            self._reserved.close()

    async def _serve(self, server: uvicorn.Server, listener: socket.socket) -> None:
        await server.serve([listener])
        await asyncio.sleep(0.01)  # late connections are registered by now
        for protocol in self.protocols():
            protocol.transport.abort()
        await asyncio.sleep(0.01)

    async def _app(self, scope: Event, receive: Receive, send: Send) -> None:
        exchange = Exchange(self, scope, receive, send)
        if scope["method"] == "GET":
            if self.listing is not None:
                await self.listing(exchange)
            else:
                await exchange.say({"object": "list", "data": self.models})
            return
        await exchange.read()
        if is_probe(exchange.body):
            self.probes += 1
            if self.loading:
                self.loading -= 1
                await exchange.say({"error": {"message": "still loading"}}, 503)
                return
            message = {"role": "assistant", "content": self.weights}
            await exchange.say(exchange.response([{"index": 0, "message": message}]))
            return
        self.requests.append(exchange.body)
        exchange.number = len(self.requests)
        if self.delay:
            await asyncio.sleep(self.delay)
        for when, fault in self.plan:
            if when(exchange):
                await fault(exchange)
                return
        await exchange.answer()
