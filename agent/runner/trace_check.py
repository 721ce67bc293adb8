"""The parts of a trace refer to each other by position: whether they fit together."""

from __future__ import annotations

from collections.abc import Iterator

from agent.types import Trace


def misfit(trace: Trace, task_id: str) -> str:
    """Return the first part of a problem's trace that does not fit the others; empty if all do."""
    return next((name for name, fits in _parts(trace, task_id) if not fits), "")


def _parts(trace: Trace, task_id: str) -> Iterator[tuple[str, bool]]:
    candidates, tests, calls = len(trace.candidates), len(trace.tests), len(trace.calls)
    choices = [trace.choice, *([trace.unpatched] if trace.unpatched else [])]
    suspects = (*trace.suspects, *trace.contradicted)
    score = trace.score
    yield "problem", trace.problem.task_id == task_id
    yield "candidates", [one.id for one in trace.candidates] == [*range(candidates)]
    yield (
        "candidates: parent",
        all(one.parent is None or 0 <= one.parent < one.id for one in trace.candidates),
    )
    yield (
        "choice",
        all(0 <= i < candidates for one in choices for i in (one.candidate, *one.tied)),
    )
    yield (
        "rows",
        all(0 <= row.candidate < candidates and len(row.outcomes) == tests for row in trace.rows),
    )
    yield "suspects", all(0 <= one.test < tests for one in suspects)
    yield (
        "calls",
        all(
            one is None or 0 <= one < candidates
            for call in trace.calls
            for one in (call.candidate, call.parent)
        ),
    )
    yield "timeline", all(one.call is None or 0 <= one.call < calls for one in trace.timeline)
    if score is not None:
        verdicts = (score.passed, score.outcomes, *score.views.values())
        yield "score", all(len(one) == candidates for one in verdicts)
