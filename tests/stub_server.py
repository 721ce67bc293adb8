"""A small server that speaks OpenAI's protocol, for tests of its clients."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from agent.models.fingerprint import PROBE_SAMPLING

METRICS = """# HELP vllm:prefix_cache_queries_total Tokens.
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 100.0
vllm:prefix_cache_queries_total{engine="1",model_name="m"} 200.0
vllm:prefix_cache_queries_created{engine="0",model_name="m"} 1.7e+09
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 50.0
vllm:prefix_cache_hits_total{engine="1",model_name="m"} 70.0
"""


def is_probe(body: dict[str, Any]) -> bool:
    """Whether a request is the greedy probe that identifies a model."""
    return not body["temperature"] and body["max_tokens"] == PROBE_SAMPLING.max_tokens


@contextmanager
def running(port: int = 0) -> Iterator[Server]:
    """Run a server for as long as the context lasts, by default on a free port."""
    with Server(port) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Server(ThreadingHTTPServer):
    """A server that answers each chat with `choices`, or with the next of `statuses` if not 200.

    The probe that identifies a model has its own answer, and its own list of statuses.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.probes: list[dict[str, Any]] = []
        self.probe_answer = choice("a river runs")
        self.probe_statuses: list[int] = []
        self.choices: list[dict[str, Any]] = [choice("one"), choice("two")]
        self.statuses: list[int] = []
        self.slow_metrics = 0.0
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

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Stop and close the port, as if the server had ended."""
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path == "/version":
            self._send(200, {"version": "0.32.0"})
        elif self.path == "/metrics":
            time.sleep(self.server.slow_metrics)
            self._reply(200, "text/plain", METRICS.encode())
        else:
            self._send(200, self.server.models)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server, of_probe = self.server, is_probe(body)
        (server.probes if of_probe else server.bodies).append(body)
        statuses = server.probe_statuses if of_probe else server.statuses
        status = statuses.pop(0) if statuses else 200
        if status != 200:
            self._send(status, {"error": {"message": self.server.complaint}})
            return
        answer = {"id": "x", "object": "chat.completion", "created": 0, "model": "small-coder"}
        choices = [server.probe_answer] if of_probe else server.choices
        self._send(200, answer | {"choices": choices, "usage": server.usage})

    def _send(self, status: int, value: object) -> None:
        self._reply(status, "application/json", json.dumps(value).encode())

    def _reply(self, status: int, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
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
