"""`python -m experiments.losses RUN`: why a run lost the problems that it does not solve.

What the pool, the visible tests and the selector had to do with it, with each problem's trace.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agent.support.command import command
from agent.support.options import CommandParser

NAME = "experiments.losses"


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the lost problems of a run, by reason and one by one."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--json", action="store_true", help="print a list of losses as JSON")
    arguments = parser.parse_args(argv)

    from agent.runner.folder import RunFolder
    from agent.support.files import dump_json
    from experiments.study.losses import losses, report

    folder = RunFolder.open(arguments.run)
    found = [loss.model_dump() for loss in losses(folder.traces())]
    sys.stdout.write(dump_json(found) if arguments.json else report(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
