"""`codeloop export RUN --to NAME --out FILE`: write a run in another format."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.errors import ConfigError
from agent.support.command import command, complain, out_file
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
        PluginFunction(
            "send",
            ("traces", "report", "url"),
            "None",
            lambda value, *_: value is None,
            is_optional=True,
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
    out_help = "file to write, or URL of a server that the exporter sends to"
    parser.add_argument("--out", required=True, help=out_help)
    arguments = parser.parse_args(argv)

    exporter, out = EXPORTERS.load(arguments.to), arguments.out
    is_url = out.startswith(("http://", "https://"))
    if is_url and not hasattr(exporter, "send"):
        raise ConfigError(f"out: {arguments.to} writes a file, and sends nothing to {out}")

    target = None if is_url else out_file(Path(out))

    from agent.runner.salvage import salvage
    from agent.support.files import replacing

    run = salvage(arguments.run)
    for line in run.missing:
        complain(NAME, line)
    if target is None:
        exporter.send(run.traces, run.report, out)
    else:
        with replacing(target) as part:
            exporter.export(run.traces, run.report, part)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
