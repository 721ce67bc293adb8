"""`python -m experiments.readme [RUN] [--study DIR] [--imported RUN ...]`: tables for the README.

RUN is a finished run of `make run`, DIR the folder of the study configs/ablations/repair.yaml, and
--imported names run folders that `experiments.rounds` made. Each table goes between its markers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.report.rows import figures, significance, warnings
from agent.settings import ROOT
from agent.trace import RunFolder, RunFolderError, write_atomically
from agent.types import Difference, Report
from experiments import tables
from experiments.ledger import ledger
from experiments.study import ArmResult, Interval, StudyResult

PROBLEMS = 164
STUDY = "repair"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
STUDY_MARKERS = "<!-- study: begin -->", "<!-- study: end -->"
IMPORTED_MARKERS = "<!-- imported: begin -->", "<!-- imported: end -->"


def table(report: Report) -> str:
    """The figures of a run as Markdown, and the command that puts them here."""
    rows = [f"| {figure.label} | {figure.value} |" for figure in figures(report)]
    head = ["| `make run` | embedded synthesiser, no language model |", "|---|---|"]
    source = "*(`make run`, then `python -m experiments.readme RUN`)*"
    return "\n".join([*warnings(report), *head, *rows, "", source])


def study_table(result: StudyResult) -> str:
    """A study in a row an arm."""
    head = (
        *("strategy", "pass@1 in %", "coverage in %", "tokens a problem"),
        *(f"less {result.baseline}", "after Holm"),
        *("less draws for the same tokens", "after Holm"),
    )
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += [f"| {' | '.join(_arm(arm))} |" for arm in result.arms]
    what = f"{result.problems} problems, {result.model}, {result.drawn} stored draws a problem"
    source = "`python -m experiments.ablate configs/ablations/repair.yaml`"
    return "\n".join([*lines, "", f"*({what}; {source}, then `experiments.readme --study DIR`)*"])


def _arm(arm: ArmResult) -> Iterator[str]:
    yield f"`{arm.name}`"
    yield f"{100 * arm.final.value:.1f}"
    yield f"{100 * arm.oracle.value:.1f}"
    yield f"{arm.points[-1].total:,.0f}"
    yield _interval(arm.versus)
    yield "-" if arm.holm is None else f"p = {arm.holm:.3g}: {significance(arm.holm)}"
    yield _interval(arm.at_tokens)
    holm = "" if arm.at_tokens is None else f"p = {arm.at_tokens.holm:.3g}: "
    yield f"{holm}{tables.against_draws(arm.at_tokens)}"


def _interval(found: Interval | Difference | None) -> str:
    if found is None:
        return "-"
    value, low, high = map(tables.points, (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def imported_table(folders: Sequence[RunFolder]) -> str:
    """What recorded rounds of repair did, a row a set."""
    head = ("recorded rounds", "first", "last", "gained, lost", "exact McNemar", "edits", "repeats")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for folder in folders:
        report, found = _finished(folder), ledger(folder.traces(), None)
        change, total = report.difference, report.final.total
        cells = (
            report.model.removeprefix("recorded/"),
            f"{report.single_shot.passed} of {total}",
            f"{report.final.passed} of {total}",
            f"{change.gained}, {change.lost}",
            f"p = {change.p:.3g}: {significance(change.p)}",
            f"{found.edits}: {found.fixed} fix, {found.broken} break",
            f"{found.identical} of {found.edits}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    source = (
        "`python -m experiments.rounds SET --out RUN`, then `experiments.readme --imported RUN`"
    )
    return "\n".join([*lines, "", f"*({source})*"])


def replaced(text: str, block: str, markers: tuple[str, str] = (BEGIN, END)) -> str:
    """The text with a block between its markers. Raises ValueError where it has none."""
    before, begin, rest = text.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not begin or not end:
        raise ValueError(f"no {markers[0]} ... {markers[1]} in it")
    return f"{before}{begin}\n{block}\n{end}{after}"


def blocks(arguments: argparse.Namespace) -> Iterator[tuple[str, tuple[str, str]]]:
    """The tables that are asked for, with their markers. Raises ValueError for the wrong runs."""
    if arguments.run is not None:
        report = _finished(RunFolder.open(arguments.run))
        if not report.model.startswith("embedded/") or report.final.total != PROBLEMS:
            raise RunFolderError("this is no run of `make run`: the table would say what it is not")
        yield table(report), (BEGIN, END)
    if arguments.study is not None:
        result = StudyResult.model_validate_json((arguments.study / "table.json").read_bytes())
        if result.name != STUDY or result.problems != PROBLEMS:
            raise RunFolderError(f"{arguments.study} is not the whole study {STUDY!r}")
        yield study_table(result), STUDY_MARKERS
    if arguments.imported:
        yield (
            imported_table([RunFolder.open(path) for path in arguments.imported]),
            IMPORTED_MARKERS,
        )


def _finished(folder: RunFolder) -> Report:
    report = folder.report()
    if report is None:
        raise RunFolderError(f"{folder.path}: the run is not finished")
    return report


def main(argv: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m experiments.readme", description=__doc__)
    parser.add_argument("run", type=Path, nargs="?", help="a finished run of the embedded model")
    parser.add_argument("--study", type=Path, help="the folder of the study of repair")
    parser.add_argument("--imported", type=Path, nargs="+", help="imported runs")
    path = ROOT / "README.md"
    try:
        text = path.read_text(encoding="utf-8")
        for block, markers in blocks(parser.parse_args(argv)):
            text = replaced(text, block, markers)
        write_atomically(path, text)
    except (ValueError, OSError) as error:
        print(f"experiments.readme: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
