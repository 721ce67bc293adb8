"""`python -m experiments.ablate FILE`: the former name of `codeloop study FILE`."""

from __future__ import annotations

import sys

from agent.support.command import command
from experiments.study import run_command

NAME = "experiments.ablate"


@command(NAME)
def main(argv: list[str]) -> int:
    """Run a study, with progress on stderr, and print its tables."""
    return run_command(NAME, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
