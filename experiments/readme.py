"""`python -m experiments.readme RUN`: puts a run's table into the README, between its markers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from agent.report.rows import figures, warnings
from agent.settings import ROOT
from agent.trace import RunFolder, RunFolderError, write_atomically
from agent.types import Report

PROBLEMS = 164
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def table(report: Report) -> str:
    """The figures of a run as Markdown, and the command that puts them here."""
    rows = [f"| {figure.label} | {figure.value} |" for figure in figures(report)]
    head = ["| `make run` | embedded synthesiser, no language model |", "|---|---|"]
    source = "*(`make run`, then `python -m experiments.readme RUN`)*"
    return "\n".join([*warnings(report), *head, *rows, "", source])


def replaced(text: str, block: str, markers: tuple[str, str] = (BEGIN, END)) -> str:
    """The text with a block between its markers. Raises ValueError where it has none."""
    before, begin, rest = text.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not begin or not end:
        raise ValueError(f"no {markers[0]} ... {markers[1]} in it")
    return f"{before}{begin}\n{block}\n{end}{after}"


def main(argv: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m experiments.readme", description=__doc__)
    parser.add_argument("run", type=Path, help="a finished run of the embedded model")
    path = ROOT / "README.md"
    try:
        report = RunFolder.open(parser.parse_args(argv).run).report()
        if report is None:
            raise RunFolderError("the run is not finished")
        if not report.model.startswith("embedded/") or report.final.total != PROBLEMS:
            raise RunFolderError("this is no run of `make run`: the table would say what it is not")
        write_atomically(path, replaced(path.read_text(encoding="utf-8"), table(report)))
    except (ValueError, OSError) as error:
        print(f"experiments.readme: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
