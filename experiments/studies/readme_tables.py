"""The README's tables of a run, of the study of repair, and of imported rounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from agent.errors import RunFolderError
from agent.report import markdown
from agent.report.figures import figures, mcnemar_text, significance, warnings
from agent.report.summary import Report
from agent.runner.folder import RunFolder
from experiments.studies import tables
from experiments.studies.cells import difference
from experiments.studies.ledger import ledger
from experiments.studies.results import ArmResult, StudyResult

PROBLEMS = 164
STUDY = "repair"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
STUDY_MARKERS = "<!-- study: begin -->", "<!-- study: end -->"
IMPORTED_MARKERS = "<!-- imported: begin -->", "<!-- imported: end -->"


def table(report: Report) -> str:
    """Return the figures of a run as Markdown, with the command that writes them."""
    head = ("`make run`", "embedded synthesiser, no language model")
    lines = markdown.table(head, ((figure.label, figure.value) for figure in figures(report)))
    source = "*(`make run`, then `python -m experiments.readme RUN`)*"
    return "\n".join([*warnings(report), lines, "", source])


def study_table(result: StudyResult) -> str:
    """Return the results of a study, one row per arm."""
    head = (
        *("strategy", "pass@1 in %", "coverage in %", "tokens a problem"),
        *(f"minus {result.baseline}", "after Holm"),
        *("minus draws for the same tokens", "after Holm"),
    )
    lines = markdown.table(head, ([*_arm(arm)] for arm in result.arms))
    what = f"{result.problems} problems, {result.model}, {result.drawn} stored draws a problem"
    source = "`python -m experiments.study configs/studies/repair.yaml`"
    return "\n".join([lines, "", f"*({what}; {source}, then `experiments.readme --study DIR`)*"])


def _arm(arm: ArmResult) -> Iterator[str]:
    yield f"`{arm.name}`"
    yield f"{100 * arm.final.value:.1f}"
    yield f"{100 * arm.oracle.value:.1f}"
    yield f"{arm.points[-1].total:,.0f}"
    yield difference(arm.versus)
    yield "-" if arm.holm is None else f"p = {arm.holm:.3g}: {significance(arm.holm)}"
    yield difference(arm.at_tokens)
    holm = "" if arm.at_tokens is None else f"p = {arm.at_tokens.holm:.3g}: "
    yield f"{holm}{tables.against_draws(arm.at_tokens)}"


def imported_table(folders: Sequence[RunFolder]) -> str:
    """Return the results of recorded repair rounds, one row per set."""
    head = ("recorded rounds", "first", "last", "gained, lost", "exact McNemar", "edits", "repeats")
    rows = []
    for folder in folders:
        report, found = _finished(folder), ledger(folder.traces(), None)
        change, total = report.difference, report.final.total
        cells = (
            markdown.escaped(report.model.removeprefix("recorded/")),
            f"{report.single_shot.passed} of {total}",
            f"{report.final.passed} of {total}",
            f"{change.gained}, {change.lost}",
            mcnemar_text(change, report.final.total),
            f"{found.edits}: {found.fixed} fix, {found.broken} break",
            f"{found.identical} of {found.edits}",
        )
        rows.append(cells)
    made = "`python -m experiments.recorded.rounds SET --out RUN`"
    source = f"{made}, then `experiments.readme --imported RUN`"
    return "\n".join([markdown.table(head, rows), "", f"*({source})*"])


def blocks(
    run: Path | None, study: Path | None, imported: Sequence[Path]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the tables asked for, with their markers. Raises RunFolderError for the wrong runs."""
    if run is not None:
        report = _finished(RunFolder.open(run))
        if not report.model.startswith("embedded/") or report.final.total != PROBLEMS:
            raise RunFolderError(f"{run} is not a run of `make run`, which the table describes")
        yield table(report), (BEGIN, END)
    if study is not None:
        try:
            result = StudyResult.model_validate_json((study / "table.json").read_bytes())
        except ValidationError as error:
            raise RunFolderError(
                f"{study}/table.json: of another version: {error.errors()[0]['msg']}"
            ) from None
        if result.name != STUDY or result.problems != PROBLEMS:
            raise RunFolderError(f"{study} is not the whole study {STUDY!r} of {PROBLEMS} problems")
        yield study_table(result), STUDY_MARKERS
    if imported:
        yield imported_table([RunFolder.open(path) for path in imported]), IMPORTED_MARKERS


def _finished(folder: RunFolder) -> Report:
    report = folder.report()
    if report is None:
        raise RunFolderError(f"{folder.path}: the run is not finished")
    return report
