"""`python -m agent.run --rounds 3`: the loop on the problems of a dataset."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from agent.support.command import NOT_DONE, command, tune_process

if TYPE_CHECKING:
    from agent.config import RunConfig


@command("agent.run")
def main(argv: list[str]) -> int:
    """Do a run, with progress on stderr and the closing table on stdout.

    Returns 0 if every problem was scored, 1 if some were not.
    """
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    config = read_config(argv)

    import asyncio

    from rich.console import Console

    from agent.report.terminal import print_report
    from agent.runner.progress import Watcher
    from agent.runner.run import run

    with Watcher(Console(stderr=True), quiet=config.quiet) as watcher:
        finished = asyncio.run(run(config, watcher.say, watcher.watch, watcher.show, os.environ))
    print_report(finished.report, finished.folder.path, Console())
    return NOT_DONE if finished.report.unscored else 0


def read_config(argv: list[str]) -> RunConfig:
    """Return the settings of the run. Those of a resumed run are based on its former settings."""
    from agent.settings import load_config

    config = load_config(argv)
    if config.resume is None:
        return config
    from agent.runner.resume import resume_config

    return resume_config(argv, config.resume)


if __name__ == "__main__":
    tune_process()
    sys.exit(main(sys.argv[1:]))
