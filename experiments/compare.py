"""`python -m experiments.compare RUN RUN`: compare two runs on the same problems, paired.

All figures are over the problems that both runs scored. The command prints both runs, their paired
difference, a verdict in words, and the traces of every problem that only one of them solves. With
--at-least POINTS it exits with 1 if the 95 % interval of the difference lies below that many
points, and with 3 if the bound lies within it, so that the runs cannot tell.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

from agent.errors import ConfigError
from agent.support.command import command, out_file
from agent.support.options import CommandParser

NAME = "experiments.compare"


@command(NAME)
def main(argv: list[str]) -> int:
    """Compare the runs and print the differences."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("first", type=Path, help="run folder")
    parser.add_argument("second", type=Path, help="run folder to compare with the first")
    parser.add_argument("--at-least", type=float, metavar="POINTS", help="smallest difference")
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write a page of both runs")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args(argv)

    from agent.runner.folder import RunFolder
    from agent.support.files import dump_json
    from experiments.studies.comparison import code_of, compare, markdown
    from experiments.studies.comparison_page import write_comparison

    if arguments.at_least is not None and not math.isfinite(arguments.at_least):
        raise ConfigError(f"at-least: {arguments.at_least} is not a number of points")
    out = out_file(arguments.html)
    first, second = RunFolder.open(arguments.first), RunFolder.open(arguments.second)
    found = compare(first, second)
    if out is not None:
        write_comparison(first, second, found, out)
    text = dump_json(found.model_dump(mode="json")) if arguments.json else f"{markdown(found)}\n"
    sys.stdout.write(text)
    return 0 if arguments.at_least is None else code_of(found.difference, arguments.at_least)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
