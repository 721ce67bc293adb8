"""A stand-in server that has a model's latency but no model.

It speaks the part of OpenAI's protocol that the loop uses: /v1/models and /v1/chat/completions.
`experiments.bench.filler` makes the answers, `experiments.bench.latency` says when they are due. It
prints its address, and ends when its standard input ends. /report returns how much later than due
its answers were sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from statistics import median
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from agent.errors import ConfigError
from agent.support.command import command
from agent.support.options import CommandParser
from agent.types import Record
from experiments.bench.filler import CHARS_A_TOKEN, answer, tokens
from experiments.bench.latency import Hardware, Scheduler

MODEL = "stand-in"


class ServerReport(Record):
    """The server's record of a run. Times are the machine's monotonic clock, in seconds."""

    requests: int
    first: float
    """Time at which the first request came."""
    last: float
    """Time at which the last answer had been sent."""
    lag: float
    """Median seconds between the time an answer was due and the time it had been sent."""
    most_lag: float
    """Most seconds between the time an answer was due and the time it had been sent."""


class StandIn:
    """The server's state: a scheduler that follows the event loop's clock."""

    def __init__(self, hardware: Hardware):
        self._loop = asyncio.get_running_loop()
        self._scheduler = Scheduler[asyncio.Future[float]](hardware, self._loop.time())
        self._timer: asyncio.TimerHandle | None = None
        self._lags: list[float] = []
        self._first, self._last = 0.0, 0.0

    def application(self) -> web.Application:
        """Return the web application with the server's routes."""
        application = web.Application()
        application.router.add_get("/v1/models", self._models)
        application.router.add_post("/v1/chat/completions", self._chat)
        application.router.add_get("/report", self._report)
        return application

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self._first = self._first or self._loop.time()
        body = await request.json()
        prompt = sum(tokens(message["content"]) for message in body["messages"])
        texts = _texts(body)
        due = self._loop.create_future()
        self._tick()
        self._scheduler.submit(due, prompt, [tokens(text) for text in texts])
        self._arm()
        response = web.json_response(body=_response(prompt, texts).encode())
        moment = await due
        await response.prepare(request)
        await response.write_eof()
        self._last = self._loop.time()
        self._lags.append(self._last - moment)
        return response

    async def _report(self, request: web.Request) -> web.Response:
        report = ServerReport(
            requests=len(self._lags),
            first=self._first,
            last=self._last,
            lag=median(self._lags or [0.0]),
            most_lag=max(self._lags, default=0.0),
        )
        return web.json_response(report.model_dump())

    def _tick(self) -> None:
        for moment, due in self._scheduler.advance(self._loop.time()):
            if not due.done():  # the client may have disconnected
                due.set_result(moment)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if (moment := self._scheduler.next_time()) < float("inf"):
            self._timer = self._loop.call_at(moment, self._wake)

    def _wake(self) -> None:
        self._tick()
        self._arm()


def _texts(body: dict[str, Any]) -> list[str]:
    prompt, seed = body["messages"][-1]["content"], body.get("seed", 0)
    longest = CHARS_A_TOKEN * body.get("max_tokens", 1024)
    return [answer(prompt, seed + index)[:longest] for index in range(body.get("n", 1))]


def _response(prompt: int, texts: list[str]) -> str:
    written = sum(map(tokens, texts))
    choices = [
        {
            "index": index,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop" if text.endswith("```") else "length",
        }
        for index, text in enumerate(texts)
    ]
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
    }
    head = {"id": "0", "object": "chat.completion", "created": 0, "model": MODEL}
    return json.dumps(head | {"choices": choices, "usage": usage})


async def serve(hardware: Hardware) -> None:
    """Serve until standard input ends."""
    runner = web.AppRunner(StandIn(hardware).application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    _, port = runner.addresses[0][:2]
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.to_thread(partial(sys.stdin.buffer.read))
    await runner.cleanup()


@command("experiments.bench.standin")
def main(argv: list[str]) -> int:
    """Serve until standard input ends."""
    parser = CommandParser("experiments.bench.standin", __doc__)
    parser.add_argument(
        "--hardware", default="{}", help="JSON fields of experiments.bench.latency.Hardware"
    )
    try:
        hardware = Hardware.model_validate_json(parser.parse_args(argv).hardware)
    except ValidationError as error:
        raise ConfigError(f"hardware: {error}") from None
    asyncio.run(serve(hardware))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
