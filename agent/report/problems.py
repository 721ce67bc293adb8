"""The table of a run's problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.endings import ending, passed_tests, totals
from agent.report.widgets import print_table, verdict
from agent.support.safe_text import visible
from agent.types import Record, Trace

WIDE = 80
"""Columns of a console from which on the table has all its columns."""


class ProblemResult(Record):
    """One problem of a run, as a line of the table shows it."""

    task_id: str
    drafts: int
    rounds: int
    """Repair rounds that were used."""
    stopped: str
    """The trace's word for why the loop ended."""
    ending: str
    """The same, with the tests that a program passed."""
    visible_passed: int
    """Visible tests that the answer passes."""
    visible_total: int
    examples_passed: int
    """Docstring examples among them."""
    examples_total: int
    single_shot: bool | None
    """Hidden-test verdict of candidate 0; None if it is not scored yet."""
    final: bool | None
    """Hidden-test verdict of the answer."""


def results(traces: Iterable[Trace]) -> tuple[ProblemResult, ...]:
    """Return the lines of the table, in the order of the traces."""
    return tuple(map(_result, traces))


def print_problems(lines: Sequence[ProblemResult], console: Console) -> None:
    """Print the table; a narrow console leaves out what a trace says in more detail."""
    wide = console.width >= WIDE
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("task", overflow="fold")
    if wide:
        table.add_column("rounds", justify="right")
    table.add_column("stopped", overflow="fold")
    for name in ("examples", *(["generated"] if wide else [])):
        table.add_column(name, justify="right")
    for name in ("single shot", "final"):
        table.add_column(name)
    for line in lines:
        generated = (
            line.visible_passed - line.examples_passed,
            line.visible_total - line.examples_total,
        )
        table.add_row(
            Text(visible(line.task_id)),
            *([str(line.rounds)] if wide else []),
            Text(visible(line.ending)),
            f"{line.examples_passed}/{line.examples_total}",
            *([f"{generated[0]}/{generated[1]}"] if wide else []),
            verdict(line.single_shot),
            verdict(line.final),
        )
    print_table(console, table)


def _result(trace: Trace) -> ProblemResult:
    answer = trace.choice.candidate
    passed, whole = passed_tests(trace, answer), totals(trace)
    verdicts = trace.score.passed if trace.score else None
    return ProblemResult(
        task_id=trace.problem.task_id,
        drafts=sum(candidate.round == 0 for candidate in trace.candidates),
        rounds=trace.rounds,
        stopped=trace.stopped,
        ending=ending(trace),
        visible_passed=sum(passed),
        visible_total=sum(whole),
        examples_passed=passed.examples,
        examples_total=whole.examples,
        single_shot=verdicts[0] if verdicts else None,
        final=verdicts[answer] if verdicts else None,
    )
