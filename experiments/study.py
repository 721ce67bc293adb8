"""`codeloop study FILE`: run the arms of a study and compare them, also with draws at equal cost.

FILE is a study, or the name of one of configs/studies. Further options are settings of `agent.run`,
for all arms: --model.base-url URL, --limit 20. All arms share drafts, generated tests and every
identical request through the store. A study that is started again continues where it stopped. A
finished study sends no requests and prints the same tables.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from agent.support.command import INTERRUPTED, NOT_DONE, command, complain, need_extra
from agent.support.options import CommandParser

NAME = "experiments.study"


@command(NAME)
def main(argv: list[str]) -> int:
    """Run a study, with progress on stderr, and print its tables."""
    return run_command(NAME, argv)


def run_command(name: str, argv: list[str]) -> int:
    """Do the command `name`. Return 0 if every problem of every arm was scored, else 1."""
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    parser = CommandParser(name, __doc__)
    parser.add_argument("file", type=Path, help="configs/studies/repair.yaml, or repair")
    parser.add_argument("--out", type=Path, help="result folder; by default runs/studies/NAME")
    parser.add_argument("--draws", type=int, help="drafts per problem to draw, in place of FILE's")
    parser.add_argument("--rehearse", action="store_true", help="run with the embedded model")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be asked")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments, settings = parser.parse_known_args(argv)

    need_extra("matplotlib", "plots")

    from rich.console import Console

    from agent.runner.progress import Watcher
    from experiments.studies.arms import study_file
    from experiments.studies.forecast import forecast
    from experiments.studies.running import STOPPED, read_plan, run_study, unfinished

    file = study_file(arguments.file)
    plan = read_plan(file, settings, arguments.draws, arguments.rehearse)
    out = arguments.out or Path("runs/studies") / plan.study.name
    todo = unfinished(plan, out)
    expected = forecast(plan, todo, out)
    if arguments.dry_run:
        print(expected.as_json() if arguments.json else "\n".join(expected.lines()))
        return 0
    try:
        with Watcher(Console(stderr=True), quiet=plan.arms[0].config.quiet) as watcher:
            for line in expected.lines():
                watcher.say(line)
            done = asyncio.run(run_study(plan, todo, out, watcher, os.environ))
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        return INTERRUPTED
    files = ("table.json",) if arguments.json else ("table.md", "spending.md")
    sys.stdout.write("\n".join((out / name).read_text("utf-8") for name in files))
    for arm in done.lost:
        complain(name, f"{arm}: no problem could be scored")
    print(f"study: {out}/index.html", file=sys.stderr)
    return NOT_DONE if done.lost or any(arm.unscored for arm in done.result.arms) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
