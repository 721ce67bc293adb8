"""`python -m experiments.readme [RUN] [--study DIR] [--imported RUN ...]`: write generated tables.

RUN is a finished run of `make run`, and DIR is the folder of the study in
configs/studies/repair.yaml. --imported takes run folders made by `experiments.recorded.rounds`.
Each table is written between its markers. RUN also gives docs/images/trace.svg: the trace of a
problem that a repair solved.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agent.support.command import command
from agent.support.options import CommandParser

NAME = "experiments.readme"


@command(NAME)
def main(argv: list[str]) -> int:
    """Write the tables between their markers, in the README and the pages of docs/."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("run", type=Path, nargs="?", help="folder of a finished `make run`")
    parser.add_argument("--study", type=Path, help="folder of the study of repair")
    parser.add_argument("--imported", type=Path, nargs="+", default=[], help="imported runs")
    arguments = parser.parse_args(argv)

    from experiments.studies.markers import write_block
    from experiments.studies.readme_tables import blocks
    from experiments.studies.trace_picture import write_picture

    found = list(blocks(arguments.run, arguments.study, arguments.imported))
    if not found:
        parser.error("name a run, --study or --imported")
    if arguments.run is not None:
        write_picture(arguments.run)
    for block, markers in found:
        write_block(block, markers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
