"""`codeloop preflight`: some answers, read by several extractors, before a long run."""

from __future__ import annotations

import os
import sys

from pydantic import Field

from agent.config import RunConfig
from agent.support.command import command

NAME = "agent.commands.preflight"


class PreflightConfig(RunConfig):
    """Draft ten problems with three pairs of a prompt and an extractor, and show the failures.

    Answers and the programs read from them stand side by side. A warning says if the reading of an
    answer explains a failure rather than the model. Failures are those on docstring examples: no
    hidden test is used. All other settings are those of a run.
    """

    pairs: tuple[str, ...] = ("function:codeloop", "script:codeloop", "few_shot:markdown")
    """Pairs to try, PROMPT:EXTRACTOR; a prompt may be a template's path that ends in .j2."""
    as_json: bool = Field(default=False, alias="json")
    """Print the counts and the failures as JSON."""


@command(NAME)
def main(argv: list[str]) -> int:
    """Draft, read, run the examples, and print what was found."""
    from agent.settings import load_settings

    config = load_settings(PreflightConfig, argv, NAME)

    import asyncio
    import json

    from rich.console import Console

    from agent.report.preflight_view import as_record, print_readings
    from agent.runner.progress import Watcher
    from agent.runner.readings import preflight

    with Watcher(Console(stderr=True), quiet=config.quiet) as watcher:
        readings = asyncio.run(preflight(config, config.pairs, watcher.say, os.environ))
    if config.as_json:
        print(json.dumps(as_record(readings)))
    else:
        print_readings(readings, Console())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
