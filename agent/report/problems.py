"""The table of a run's problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.widgets import verdict
from agent.support.safe_text import visible
from agent.types import Record, Trace


class ProblemResult(Record):
    """One problem of a run in a line."""

    task_id: str
    drafts: int
    rounds: int
    """Repair rounds that were used."""
    stopped: str
    visible_passed: int
    """Visible tests that the answer passes."""
    visible_total: int
    single_shot: bool | None
    """Hidden-test verdict of candidate 0; None where nothing is scored yet."""
    final: bool | None
    """Hidden-test verdict of the answer."""


def results(traces: Iterable[Trace]) -> tuple[ProblemResult, ...]:
    """The lines of the table, in the order of the traces."""
    return tuple(map(_result, traces))


def print_problems(lines: Sequence[ProblemResult], console: Console) -> None:
    """Show the table."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("task", overflow="fold")
    for name in ("drafts", "rounds"):
        table.add_column(name, justify="right")
    table.add_column("stopped")
    table.add_column("visible", justify="right")
    for name in ("single shot", "final"):
        table.add_column(name)
    for line in lines:
        table.add_row(
            Text(visible(line.task_id)),
            str(line.drafts),
            str(line.rounds),
            Text(visible(line.stopped)),
            f"{line.visible_passed}/{line.visible_total}",
            verdict(line.single_shot),
            verdict(line.final),
        )
    console.print(table)


def _result(trace: Trace) -> ProblemResult:
    answer = trace.choice.candidate
    outcomes = [o for row in trace.rows if row.candidate == answer for o in row.outcomes]
    passed = trace.score.passed if trace.score else None
    return ProblemResult(
        task_id=trace.problem.task_id,
        drafts=sum(candidate.round == 0 for candidate in trace.candidates),
        rounds=trace.rounds,
        stopped=trace.stopped,
        visible_passed=sum(outcome.passed for outcome in outcomes),
        visible_total=len(trace.tests),
        single_shot=passed[0] if passed else None,
        final=passed[answer] if passed else None,
    )
