"""`codeloop analyse RUN...`: what finished runs are good and bad at.

Tables: problems solved and failed by category, outcomes and exceptions by round, lengths, time by
stage, closeness of wrong values, and for several runs their noise floor. With --only also `quality`
(radon and ruff), `stochastic` (runs every program twice) and `contamination` (asks the model).
Further options are settings of `agent.run`, for the sandbox and the model of the last two; by
default they are those of the first run.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from agent.support.command import command, need_extra
from agent.support.options import CommandParser

NAME = "experiments.analyse"


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the tables of the analyses."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="run folder")
    parser.add_argument("--only", help="names of analyses, as A,B")
    parser.add_argument("--categories", default="values", help="values, humaneval, or a YAML file")
    parser.add_argument("--json", action="store_true", help="print the tables as JSON")
    arguments, settings = parser.parse_known_args(argv)

    from rich.console import Console

    from agent.config import RunConfig
    from agent.runner.progress import Watcher
    from agent.settings import parse
    from agent.support.files import dump_json
    from experiments.analyses.analysis_table import markdown, read_runs
    from experiments.analyses.by_category import read_categories
    from experiments.analyses.choosing import QUALITY, AnalysisInputs, analyse_runs, chosen

    categories = read_categories(arguments.categories)
    runs = read_runs(arguments.runs)
    names = chosen(arguments.only, len(runs))
    if QUALITY in names:
        for package in ("radon", "ruff"):
            need_extra(package, "quality")
    made = runs[0].config.model_dump(exclude={"config", "out", "resume"})
    config = parse(RunConfig, settings, NAME, made)
    with Watcher(Console(stderr=True), quiet=config.quiet) as watcher:
        given = AnalysisInputs(runs, categories, config, watcher.say, os.environ)
        found = asyncio.run(analyse_runs(names, given))
    if arguments.json:
        sys.stdout.write(dump_json([section.model_dump(mode="json") for section in found]))
    else:
        sys.stdout.write(markdown(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
