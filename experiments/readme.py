"""`python -m experiments.readme [RUN] [--study DIR] [--imported RUN ...]`: tables for the README.

RUN is a finished run of `make run`, DIR the folder of the study configs/ablations/repair.yaml, and
--imported names run folders that `experiments.recorded.rounds` made. Each table goes between its
markers.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agent.support.command import command
from agent.support.options import CommandParser

NAME = "experiments.readme"


@command(NAME)
def main(argv: list[str]) -> int:
    """Put the tables into README.md."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("run", type=Path, nargs="?", help="a finished run of the embedded model")
    parser.add_argument("--study", type=Path, help="the folder of the study of repair")
    parser.add_argument("--imported", type=Path, nargs="+", default=[], help="imported runs")
    arguments = parser.parse_args(argv)

    from agent.support.data import ROOT
    from agent.support.files import write_atomically
    from experiments.study.markers import replaced
    from experiments.study.readme_tables import blocks

    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    for block, markers in blocks(arguments.run, arguments.study, arguments.imported):
        text = replaced(text, block, markers)
    write_atomically(path, text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
