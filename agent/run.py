"""`python -m agent.run --rounds 3`: the main job."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from typing import TYPE_CHECKING

from agent.settings import ConfigError, load_config

if TYPE_CHECKING:
    from agent.config import RunConfig

USAGE_ERROR = 2
INTERRUPTED = 130


def main(argv: list[str]) -> int:
    """Run the command. Returns 0 where every problem was scored, 1 where some were not."""
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    try:
        config = read_config(argv)
        return perform(config)
    except KeyboardInterrupt:
        return INTERRUPTED
    except ConfigError as error:
        return complain(error)


def read_config(argv: list[str]) -> RunConfig:
    """Settings of the run, which for a resumed one begin with its own."""
    config = load_config(argv)
    if config.resume is None:
        return config
    from agent.runner import resume_config
    from agent.trace import RunFolderError

    try:
        return resume_config(argv, config.resume)
    except RunFolderError as error:
        raise ConfigError(str(error)) from None


def perform(config: RunConfig) -> int:
    """Do the run, with progress on stderr and the closing table on stdout."""
    from rich.console import Console

    from agent.progress import Watcher
    from agent.report.terminal import print_report
    from agent.runner import run

    try:
        with Watcher(Console(stderr=True)) as watcher:
            show = watcher.show if config.progress else None
            finished = asyncio.run(run(config, watcher.say, watcher.watch, show))
    except expected_errors() as error:
        return complain(error)
    print_report(finished.report, finished.folder.path, Console())
    return 1 if finished.report.unscored else 0


def expected_errors() -> tuple[type[Exception], ...]:
    """What keeps a run from being made as asked, and is said in a line."""
    from agent.datasets import DatasetError
    from agent.models.base import ModelError
    from agent.models.store import StoreError
    from agent.plugins import UnknownPluginError
    from agent.select import SelectorError
    from agent.trace import RunFolderError
    from sandbox.types import SandboxUnavailable

    return (
        *(ConfigError, DatasetError, ModelError, StoreError),
        *(UnknownPluginError, SelectorError, RunFolderError, SandboxUnavailable),
    )


def complain(error: Exception) -> int:
    """Say what was wrong in as few lines as it has, and that nothing was done."""
    print(f"agent.run: {error}", file=sys.stderr)
    return USAGE_ERROR


def command(argv: list[str]) -> int:
    """`main` for a process of its own."""
    gc.set_threshold(100_000, 20, 100)  # looking for cycles takes a seventh of a run's CPU time
    return main(argv)


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
