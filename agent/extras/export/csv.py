"""One CSV line per problem: its cost, and whether single shot and answer pass."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from agent import Report, Trace

HEAD = (
    *("task_id", "single_shot", "final", "candidates", "rounds", "stopped"),
    *("prompt_tokens", "completion_tokens", "executions"),
)


def export(traces: Sequence[Trace], report: Report | None, out: Path) -> None:
    """Write the lines below a header. Verdicts of unscored and unjudged problems are empty."""
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(map(_row, traces))
        known = {trace.problem.task_id for trace in traces}
        unscored = [one.task_id for one in (report.unscored if report else ())]
        writer.writerows([task] + [""] * (len(HEAD) - 1) for task in unscored if task not in known)


def _row(trace: Trace) -> tuple[object, ...]:
    passed = trace.score.passed if trace.score and trace.is_judged else None
    return (
        trace.problem.task_id,
        passed[0] if passed else "",
        passed[trace.choice.candidate] if passed else "",
        len(trace.candidates),
        trace.rounds,
        trace.stopped,
        trace.usage.prompt_tokens,
        trace.usage.completion_tokens,
        trace.executions,
    )
