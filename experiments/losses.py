"""`python -m experiments.losses RUN`: print why a run does not solve the problems that it lost.

The reason is in the pool, the visible tests or the selector. Each problem has its trace's path.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agent.support.command import command
from agent.support.options import CommandParser

NAME = "experiments.losses"


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the lost problems of a run: counts by reason, and a list."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("run", type=Path, help="run folder")
    parser.add_argument("--json", action="store_true", help="print the list of losses as JSON")
    arguments = parser.parse_args(argv)

    from agent.runner.folder import RunFolder
    from agent.support.files import dump_json
    from experiments.studies.losses import losses, report

    folder = RunFolder.open(arguments.run)
    found = [loss.model_dump() for loss in losses(folder.traces())]
    sys.stdout.write(dump_json(found) if arguments.json else report(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
