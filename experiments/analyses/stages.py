"""Requests, tokens and time of each stage: drafts, tests, execution, patches, repair, judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.types import Call
from experiments.analyses.analysis_table import AnalysedRun, AnalysisTable, Cell, percent

NAME = "stages"
STEPS = ("draft", "write_tests", "execute", "patch", "repair", "select", "judge")
"""The steps of the graph, and the hidden tests, in the order in which they run."""


def tables(runs: Sequence[AnalysedRun]) -> Iterator[AnalysisTable]:
    """Yield the table: a row for each run and stage, and one for the whole run."""
    yield AnalysisTable(
        name=NAME,
        title="Stages",
        notes=(
            "Seconds are those that problems spent in a stage, summed: they wait for the model and"
            " for each other, since many are worked on at once. Rates are for each second of the"
            " run's wall time.",
        ),
        head=(
            *("run", "stage", "requests", "answers", "tokens", "tokens a second", "seconds"),
            *("in %", "problems", "problems a second"),
        ),
        rows=tuple(row for run in runs for row in _rows(run)),
    )


def _rows(run: AnalysedRun) -> Iterator[tuple[Cell, ...]]:
    traces = [*run.traces.values()]
    calls = [call for trace in traces for call in trace.calls]
    times = {step: sum(t.step_seconds.get(step, 0.0) for t in traces) for step in STEPS}
    wall, spent = run.report.seconds, sum(times.values())
    for step in STEPS:
        asked = [call for call in calls if call.node == step]
        reached = sum(step in trace.step_seconds for trace in traces)
        if not (asked or reached):
            continue
        time = (times[step], percent(times[step], spent)) if spent else (None, None)
        counts = (reached, _rate(reached, wall)) if reached else (None, None)
        yield (run.name, step, *_asked(asked, wall), *time, *counts)
    time = (spent, 100.0) if spent else (None, None)
    yield (run.name, "all", *_asked(calls, wall), *time, len(traces), _rate(len(traces), wall))


def _asked(calls: Sequence[Call], wall: float) -> tuple[Cell, ...]:
    if not calls:
        return None, None, None, None
    answers = sum(len(call.completions) for call in calls)
    tokens = sum(call.usage.total for call in calls)
    return sum(call.requests for call in calls), answers, tokens, _rate(tokens, wall)


def _rate(number: int, seconds: float) -> float | None:
    return number / seconds if seconds else None
