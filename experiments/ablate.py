"""`python -m experiments.ablate CONFIG`: run the arms of a study and compare them, also with draws.

Further options are settings of `agent.run`, for all arms: --model.base-url URL, --limit 20. All
arms share drafts, generated tests and every identical request through the store. A study that is
started again continues where it stopped. A finished study sends no requests and prints the same
tables.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from agent.support.command import INTERRUPTED, NOT_DONE, command, complain, need_extra
from agent.support.options import CommandParser

NAME = "experiments.ablate"


@command(NAME)
def main(argv: list[str]) -> int:
    """Run a study, with progress on stderr, and print its tables.

    Returns 0 if every problem of every arm was scored, 1 if not.
    """
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("config", type=Path, help="study, such as configs/ablations/repair.yaml")
    parser.add_argument("--out", type=Path, help="result folder; by default runs/ablations/NAME")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments, settings = parser.parse_known_args(argv)

    need_extra("matplotlib", "plots")

    from rich.console import Console

    from agent.runner.progress import Watcher
    from agent.support.data import config_file
    from experiments.study.ablation import STOPPED, read_arms, run_study

    study, arms = read_arms(config_file(arguments.config), settings)
    out = arguments.out or Path("runs/ablations") / study.name
    try:
        with Watcher(Console(stderr=True), quiet=arms[0][1].quiet) as watcher:
            work = run_study(study, arms, out, watcher, os.environ)
            done = asyncio.run(work)
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        return INTERRUPTED
    text = (out / ("table.json" if arguments.json else "table.md")).read_text("utf-8")
    spending = "" if arguments.json else f"\n{(out / 'spending.md').read_text('utf-8')}"
    sys.stdout.write(text + spending)
    sys.stdout.flush()
    for name in done.lost:
        complain(NAME, f"{name}: no problem could be scored")
    print(f"study: {out}/index.html", file=sys.stderr)
    return NOT_DONE if done.lost or any(arm.unscored for arm in done.result.arms) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
