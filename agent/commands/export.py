"""`codeloop export RUN --to NAME --out FILE`: write a run in another format."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.support.command import command, out_file
from agent.support.options import CommandParser
from agent.support.plugins import PluginFunction, PluginKind

NAME = "agent.commands.export"
EXPORTERS = PluginKind(
    name="exporter",
    setting="to",
    package="agent.extras.export",
    functions=(
        PluginFunction(
            "export",
            ("traces", "report", "out"),
            "None",
            lambda value, *_: value is None,
        ),
    ),
)


@command(NAME)
def main(argv: list[str]) -> int:
    """Export a run."""
    parser = CommandParser(
        NAME, "Write a run in another format. `codeloop plugins` lists what there is."
    )
    parser.add_argument("run", metavar="RUN", type=Path, help="run folder")
    parser.add_argument("--to", required=True, help="name or file path of an exporter")
    parser.add_argument("--out", required=True, type=Path, help="file to write")
    arguments = parser.parse_args(argv)

    exporter = EXPORTERS.load(arguments.to)
    out = out_file(arguments.out)

    from agent.runner.folder import RunFolder

    folder = RunFolder.open(arguments.run)
    exporter.export(folder.traces(), folder.report(), out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
