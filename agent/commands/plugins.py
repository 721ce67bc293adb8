"""`codeloop plugins`: the plug-ins of each kind, with the first line of their docstrings."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from agent.support.command import command
from agent.support.options import CommandParser

if TYPE_CHECKING:
    from agent.support.plugins import PluginKind

KINDS = (
    "agent.datasets:BENCHMARKS",
    "agent.visible_tests:SOURCES",
    "agent.repair:STRATEGIES",
    "agent.selection:SELECTORS",
    "agent.answers:EXTRACTORS",
    "agent.commands.export:EXPORTERS",
)
NAME = "agent.commands.plugins"


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the plug-ins."""
    parser = CommandParser(
        NAME,
        "List the plug-ins of each kind. The path of a .py file can stand for a name: "
        "such a file is trusted code, and runs with all your rights.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per plug-in")
    arguments = parser.parse_args(argv)
    for location in KINDS:
        module, _, name = location.partition(":")
        kind: PluginKind = getattr(import_module(module), name)
        if not arguments.json:
            print(f"{kind.name} (--{kind.setting.replace('_', '-')} NAME or PATH)")
        for line in _described(kind):
            print(json.dumps(line) if arguments.json else f"  {line['name']:<16}{line['about']}")
    return 0


def _described(kind: PluginKind) -> Iterator[dict[str, str]]:
    for name in kind.names():
        about = (inspect.getdoc(kind.load(name)) or "").partition("\n")[0]
        yield {"kind": kind.name, "name": name, "about": about}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
