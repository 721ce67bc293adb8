"""Import of recorded repair rounds of other projects, as a run folder.

FOLDER is a recorded set with rounds.jsonl.gz beside its samples.jsonl.gz, named after the strategy
that wrote it: ldb-gpt35-humaneval. The first program of a problem is its draft, each further
program repairs the one before, and the last is the answer. Programs are used as recorded, without a
header or a correction. The visible tests are those of tests.jsonl.gz, or else the docstring's
examples. They and the hidden tests are run here: all outcomes and verdicts are ours, and those of
the record are not used.

Data that the record lacks is not invented. There are no prompts, so that `agent.audit` cannot
replay the run; calls, tokens and times are zero or too low. If the record has rounds but only the
last program (as Reflexion's does), that program is candidate 0 of round 0, so that the "single
shot" is the answer itself. `imported.first_program_missing` in the manifest counts these problems.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agent.support.command import command
from agent.support.options import CommandParser

NAME = "experiments.recorded.rounds"


@command(NAME)
def main(argv: list[str]) -> int:
    """Import the rounds as a run, and print its report."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("folder", type=Path, help="folder of a recorded set with rounds")
    parser.add_argument("--out", type=Path, required=True, help="run folder to create")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    arguments = parser.parse_args(argv)

    from rich.console import Console

    from agent.report.terminal import print_report
    from experiments.recorded.importing import import_set

    made = import_set(arguments.folder, arguments.out, arguments.sandbox)
    print_report(made.report, made.folder.path, Console())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
