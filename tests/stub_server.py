"""A small server that speaks OpenAI's protocol, for tests of whoever talks to one."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """Answers every chat with `choices`, or with `status` where that is no 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.choices: list[dict[str, Any]] = [choice("one"), choice("two")]
        self.statuses: list[int] = []
        self.complaint = "n must be 1 when using greedy sampling"
        self.models: Any = {
            "object": "list",
            "data": [{"id": "small-coder", "object": "model"}],
        }
        self.usage: dict[str, int] | None = {
            "prompt_tokens": 7,
            "completion_tokens": 5,
            "total_tokens": 12,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._send(200, self.server.models)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if status != 200:
            self._send(status, {"error": {"message": self.server.complaint}})
            return
        answer = {"id": "x", "object": "chat.completion", "created": 0, "model": "small-coder"}
        self._send(200, answer | {"choices": self.server.choices, "usage": self.server.usage})

    def _send(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        return


def choice(text: str | None, logprobs: list[float] | None = None) -> dict[str, Any]:
    content: list[dict[str, Any]] = [
        {"token": "t", "logprob": p, "bytes": None, "top_logprobs": []} for p in logprobs or []
    ]
    return {
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
        "logprobs": {"content": content} if logprobs else None,
    }
