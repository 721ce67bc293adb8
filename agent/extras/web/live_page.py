"""A read-only server, on this machine alone, of a run's page while the run goes on."""

from __future__ import annotations

import socket
import sys
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
KINDS = {".html": "text/html", ".js": "text/javascript"}
HEADERS = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
"""The page of another site may not run the scripts that hold the problems."""


class LivePage:
    """The files of a run's page, made again when a file of the run has changed."""

    def __init__(self, run: Path):
        self._run = run
        self._stamp = ""
        self._files: dict[str, str] = {}

    def stamp(self) -> str:
        """Return a text that changes when the run has more to show."""
        places = [self._run / "summary.json", *(self._run / "traces").glob("*.json")]
        times = [place.stat().st_mtime_ns for place in places if place.exists()]
        return f"{len(times)}-{max(times, default=0)}"

    def file(self, name: str) -> str | None:
        """Return a file of the page as it is now; None if there is no such file."""
        now = self.stamp()
        if now != self._stamp:
            self._files, self._stamp = page_of(self._run, live=True), now
        return self._files.get(name)


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
