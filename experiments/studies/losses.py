"""The reasons for the unsolved problems of a run: coverage, tests or selection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from agent.report.losses import Label, labels_of, loss_label
from agent.report.markdown import table
from agent.runner.folder import RunFolder
from agent.support.safe_text import one_line
from agent.types import Record, Trace
from experiments.studies.categories import CATEGORIES, Category, category_of
from experiments.studies.draws import solved


class Loss(Record):
    """One problem whose answer fails the hidden tests."""

    task_id: str
    label: Label
    """The reason, see `agent.report.losses`."""
    outcome: str
    """The outcome of the hidden tests on the answer: `wrong answer`, `exception`, `timeout`, ..."""
    category: Category


def losses(traces: Iterable[Trace]) -> tuple[Loss, ...]:
    """Return the lost problems of a run, in its order, without its unscored and unjudged traces."""
    return tuple(
        Loss(
            task_id=trace.problem.task_id,
            label=loss_label(trace),
            outcome=trace.score.outcomes[trace.choice.candidate],
            category=category_of(trace.problem),
        )
        for trace in traces
        if trace.score is not None and trace.is_judged and not solved(trace)
    )


def by_outcome(found: Sequence[Loss]) -> str:
    """Return the lost problems as a Markdown table: a row per label, a column per outcome."""
    outcomes = sorted({loss.outcome for loss in found})
    cells = Counter((loss.label, loss.outcome) for loss in found)
    totals = Counter(loss.label for loss in found)
    labels = labels_of(totals)
    return table(
        ("reason", "lost", *outcomes),
        ((label, totals[label], *(cells[label, o] for o in outcomes)) for label in labels),
    )


def by_category(traces: Sequence[Trace]) -> str:
    """Return the scored problems as a Markdown table: a row per category, a column per label."""
    scored = [trace for trace in traces if trace.is_judged]
    problems = Counter(category_of(trace.problem) for trace in scored)
    found = losses(scored)
    lost = Counter(loss.category for loss in found)
    cells = Counter((loss.category, loss.label) for loss in found)
    labels = labels_of({loss.label for loss in found})
    return table(
        ("category", "problems", "solved", *labels),
        (
            (name, problems[name], problems[name] - lost[name], *(cells[name, o] for o in labels))
            for name in CATEGORIES
            if problems[name]
        ),
    )


def report(folder: RunFolder) -> str:
    """Return both tables of a run, and a table of every lost problem with its trace."""
    traces = folder.traces()
    found = losses(traces)
    places = ((folder.trace_path(loss.task_id).as_posix(), loss) for loss in found)
    listed = ((one_line(x.task_id), x.label, x.outcome, x.category, place) for place, x in places)
    head = ("problem", "reason", "outcome", "category", "trace")
    return "\n\n".join([by_outcome(found), by_category(traces), table(head, listed)]) + "\n"
