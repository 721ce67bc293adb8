"""Run `agent.run` and write its own CPU seconds to a file.

The sandbox's CPU time is not counted: judges are separate processes.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from agent.run import main as run
from agent.support.command import tune_process


def main(argv: list[str]) -> int:
    """Run the command. Return `agent.run`'s exit code."""
    path, *arguments = argv
    tune_process()  # as the command itself does
    code = run(arguments)
    used = resource.getrusage(resource.RUSAGE_SELF)
    Path(path).write_text(str(used.ru_utime + used.ru_stime), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
