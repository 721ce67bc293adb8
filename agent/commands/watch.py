"""`codeloop watch RUN`: the page of a run in a browser while the run goes on."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from agent.errors import ConfigError
from agent.support.command import command, need_extra
from agent.support.options import CommandParser

NAME = "agent.commands.watch"
PORT = 8765


@command(NAME)
def main(argv: list[str]) -> int:
    """Serve the page on this machine until Ctrl-C."""
    parser = CommandParser(NAME, "Serve the page of a run, on this machine alone, until Ctrl-C.")
    parser.add_argument("run", metavar="RUN", type=Path, help="run folder, finished or not")
    parser.add_argument("--port", type=int, default=PORT, help=f"by default {PORT}")
    arguments = parser.parse_args(argv)
    if not 1 <= arguments.port <= 65_535:
        raise ConfigError(f"port: {arguments.port} is not between 1 and 65535")
    for package in ("starlette", "uvicorn"):
        need_extra(package, "web")

    from agent.runner.folder import RunFolder

    RunFolder.open(arguments.run)
    import_module("agent.extras.web.live_page").serve(arguments.run, arguments.port)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
