"""A server that answers each request as a function says, down to its raw bytes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One response. A body that is bytes or a string is sent as it is, any other as JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """All bytes of the response, if it is not HTTP."""


@dataclass(frozen=True)
class Asked:
    """One request that the server got, with the time of its arrival."""

    method: str
    path: str
    body: Body
    at: float


Answer = Callable[[Asked], Reply]


class ReplyingServer(ThreadingHTTPServer):
    """A server on a port of its own, for as long as `replying` lasts."""

    daemon_threads = True

    def __init__(self, answer: Answer):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked: list[Asked] = []

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    @property
    def bodies(self) -> list[Body]:
        """The bodies of the requests for answers."""
        return [asked.body for asked in self.asked if asked.method == "POST"]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect."""


class _Handler(BaseHTTPRequestHandler):
    server: ReplyingServer

    def do_GET(self) -> None:
        self._answer("GET", {})

    def do_POST(self) -> None:
        self._answer("POST", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, method: str, body: Body) -> None:
        asked = Asked(method, self.path, body, monotonic())
        self.server.asked.append(asked)
        reply = self.server.answer(asked)
        if reply.raw is not None:
            self.wfile.write(reply.raw)
            self.close_connection = True
            return
        data = reply.body.encode() if isinstance(reply.body, str) else reply.body
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(data)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        return


@contextmanager
def replying(answer: Answer) -> Iterator[ReplyingServer]:
    """Run a server for as long as the context lasts."""
    with ReplyingServer(answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


MODELS = Reply({"object": "list", "data": [{"id": "small-coder", "object": "model"}]})


def chosen(*texts: str | None, **usage: int) -> Reply:
    """Return a reply with these answers."""
    choices = [
        {"index": i, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        for i, text in enumerate(texts)
    ]
    return Reply({"choices": choices, "usage": usage or None})
