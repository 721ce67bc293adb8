"""The frame of all converters: a file in, a file out, a line for each reason to leave some out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from agent.datasets.jsonl import read_lines
from agent.errors import DatasetError
from agent.support.command import out_file
from agent.support.files import dump_lines, write_atomically
from agent.support.options import CommandParser

Convert = Callable[[Mapping[str, object], str], dict[str, str]]
"""Returns a record in HumanEval's format for one in the benchmark's own, and its place."""
_DETAILS = 8
"""Maximum number of details in a line."""


class LeftOutError(Exception):
    """A problem that cannot be judged here: the reason, as a clause, and the details to count."""

    def __init__(self, reason: str, *details: str):
        super().__init__(reason)
        self.details = details


def parser(module: str, description: str) -> CommandParser:
    """Return the option parser of a converter."""
    options = CommandParser(module, description)
    options.add_argument("file", type=Path, help="JSON lines of the benchmark, gzipped or not")
    options.add_argument("--out", type=Path, required=True, help="file to write, for --dataset")
    return options


def convert_file(path: Path, out: Path, convert: Convert) -> None:
    """Convert a file, and print on stderr how many problems it keeps and leaves out.

    Raises DatasetError if a line is broken, or if all problems are left out.
    """
    out_file(out)
    records: list[dict[str, str]] = []
    reasons: Counter[str] = Counter()
    details: dict[str, Counter[str]] = {}
    for number, value in read_lines(path):
        try:
            records.append(convert(value, f"{path}:{number}"))
        except LeftOutError as error:
            reasons[str(error)] += 1
            details.setdefault(str(error), Counter()).update(error.details)
    if records:
        write_atomically(out, dump_lines(records))
        print(f"problems written to {out}: {len(records)}", file=sys.stderr)
    for reason, count in reasons.most_common():
        listed = _listed(details[reason])
        print(f"problems left out because {reason}: {count}{listed}", file=sys.stderr)
    if not records:
        raise DatasetError(f"{path}: no problem is left, and {out} is not written")


def _listed(details: Counter[str]) -> str:
    shown = [f"{name} {count}" for name, count in details.most_common(_DETAILS)]
    more = ["..."] if len(details) > _DETAILS else []
    return f" ({', '.join(shown + more)})" if shown else ""
