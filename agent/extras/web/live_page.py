"""A read-only server, on this machine alone, of a run's page while the run goes on."""

from __future__ import annotations

import socket
import sys
import threading
import time
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from agent import page_of

HOST = "127.0.0.1"
SHARE = 9
"""Time without making a page, in times of making it."""
KINDS = {".html": "text/html", ".js": "text/javascript"}
HEADERS = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
"""The page of another site may not run the scripts that hold the problems."""


class LivePage:
    """The files of a run's page, made again when a file of the run has changed.

    Making them takes at most a tenth of the time, however large the run is.
    """

    def __init__(self, run: Path):
        self._run = run
        self._lock = threading.Lock()
        self._next = 0.0
        self._stamp = ""
        self._files: dict[str, str] = {}

    def stamp(self) -> str:
        """Return a text that changes when the page has more to show."""
        with self._lock:
            start = time.monotonic()
            if start >= self._next and (now := self._now()) != self._stamp:
                self._files, self._stamp = page_of(self._run, live=True), now
                self._next = time.monotonic() + SHARE * (time.monotonic() - start)
            return self._stamp

    def file(self, name: str) -> str | None:
        """Return a file of the page; None if there is no such file."""
        self.stamp()
        return self._files.get(name)

    def _now(self) -> str:
        places = [self._run / "summary.json", *(self._run / "traces").glob("*.json")]
        times = [place.stat().st_mtime_ns for place in places if place.exists()]
        return f"{len(times)}-{max(times, default=0)}"


def app(run: Path) -> Starlette:
    """Return the application that serves the page of a run folder."""
    page = LivePage(run)

    def stamp(request: Request) -> Response:
        return PlainTextResponse(page.stamp(), headers=HEADERS)

    def file(request: Request) -> Response:
        name = request.path_params["name"] or "report.html"
        text = page.file(name)
        if text is None:
            return PlainTextResponse("not found", status_code=404, headers=HEADERS)
        kind = KINDS.get(Path(name).suffix, "text/plain")
        return Response(text, media_type=kind, headers=HEADERS)

    return Starlette(
        routes=[Route("/stamp", stamp), Route("/{name:path}", file)],
        # Another site's page cannot read this one through a name of its own.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])],
    )


def serve(run: Path, port: int) -> None:
    """Serve a run's page until Ctrl-C, and say where. Raises OSError if the port is taken."""
    with socket.create_server((HOST, port)) as listener:
        print(f"http://{HOST}:{port}/  (Ctrl-C ends it)", file=sys.stderr)
        uvicorn.Server(uvicorn.Config(app(run), log_level="warning")).run(sockets=[listener])
