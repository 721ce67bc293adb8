"""The table of a run's problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.endings import ending, passed_tests, visible_test_counts
from agent.report.widgets import print_table, verdict
from agent.support.safe_text import visible
from agent.types import Isolation, Record, Trace

WIDE = 80
"""Minimum width of a console, in cells, for a table with all columns."""


class ProblemResult(Record):
    """One problem of a run: a line of the table, and of the JSON output."""

    task_id: str
    drafts: int
    rounds: int
    """Number of repair rounds."""
    stopped: str
    """Reason why the loop ended, as the trace names it."""
    ending: str
    """Reason why the loop ended, as the table shows it: with the tests that a program passed."""
    visible_passed: int
    """Number of visible tests that the answer passes."""
    visible_total: int
    examples_passed: int
    """Number of docstring examples among `visible_passed`."""
    examples_total: int
    single_shot: bool | None
    """Hidden-test verdict of candidate 0; None if it is not scored yet."""
    final: bool | None
    """Hidden-test verdict of the answer; None if it is not scored yet."""
    isolation: Isolation | None = None
    """The isolation in which the hidden test judged; None if it is not scored yet."""
    unjudged: str = ""
    """Reason why the problem's reference solution fails, if single shot or answer fail, too."""


def results(traces: Iterable[Trace]) -> tuple[ProblemResult, ...]:
    """Return the lines of the table, in the order of the traces."""
    return tuple(map(_result, traces))


def print_problems(lines: Sequence[ProblemResult], console: Console) -> None:
    """Print the table. On a narrow console it lacks the columns `rounds` and `generated`."""
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
            verdict(line.single_shot, judged=not line.unjudged),
            verdict(line.final, judged=not line.unjudged),
        )
    print_table(console, table)


def _result(trace: Trace) -> ProblemResult:
    answer = trace.choice.candidate
    passed, total = passed_tests(trace, answer), visible_test_counts(trace)
    verdicts = trace.score.passed if trace.score else None
    return ProblemResult(
        task_id=trace.problem.task_id,
        drafts=sum(candidate.origin == "draft" for candidate in trace.candidates),
        rounds=trace.rounds,
        stopped=trace.stopped,
        ending=ending(trace),
        visible_passed=sum(passed),
        visible_total=sum(total),
        examples_passed=passed.examples,
        examples_total=total.examples,
        single_shot=verdicts[0] if verdicts else None,
        final=verdicts[answer] if verdicts else None,
        isolation=trace.score.check.isolation if trace.score else None,
        unjudged=trace.score.check.failure if trace.score and not trace.is_judged else "",
    )
