"""The reasons for the unsolved problems of a run: coverage, tests or selection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from agent.report.markdown import table
from agent.runner.folder import RunFolder
from agent.support.safe_text import one_line
from agent.types import Record, Trace
from experiments.studies.categories import CATEGORIES, Category, category_of
from experiments.studies.draws import solved, verdicts_of

Label = Literal["coverage", "hidden edge cases", "wrong visible test", "selection", "no answer"]
LABELS: tuple[Label, ...] = get_args(Label)
USUAL = LABELS[:-1]
"""Labels that tables show even if no loss has them."""


class Loss(Record):
    """One problem whose answer fails the hidden tests."""

    task_id: str
    label: Label
    """`coverage`: no candidate is right, and the answer fails a visible test or there are none.
    `hidden edge cases`: no candidate is right, but the answer passes every visible test. `wrong
    visible test`: each right candidate fails a visible test that the answer passes. `selection`: a
    right candidate fails none of these tests, so that the selector could have chosen it. `no
    answer`: no candidate is right, and the model gave no text to read the answer from."""
    outcome: str
    """The outcome of the hidden tests on the answer: `wrong answer`, `exception`, `timeout`, ..."""
    category: Category


def losses(traces: Iterable[Trace]) -> tuple[Loss, ...]:
    """Return the lost problems of a run, in its order, without its unscored and unjudged traces."""
    return tuple(
        Loss(
            task_id=trace.problem.task_id,
            label=_label(trace),
            outcome=trace.score.outcomes[trace.choice.candidate],
            category=category_of(trace.problem),
        )
        for trace in traces
        if trace.score is not None and trace.is_judged and not solved(trace)
    )


def _label(trace: Trace) -> Label:
    visible = {row.candidate: [outcome.passed for outcome in row.outcomes] for row in trace.rows}
    answer = visible.get(trace.choice.candidate, [])
    right = [number for number, passed in enumerate(verdicts_of(trace)) if passed]
    if not right:
        if _is_without_text(trace, trace.choice.candidate):
            return "no answer"
        # Without a visible test no evidence supported the answer.
        return "hidden edge cases" if answer and all(answer) else "coverage"
    if all(_fails_passed_test(visible.get(number, []), answer) for number in right):
        return "wrong visible test"
    return "selection"


def _is_without_text(trace: Trace, number: int) -> bool:
    """Whether the last model answer that led to a candidate has no text."""
    for call in reversed(trace.calls):
        if call.candidate == number and call.completions:
            return bool(call.completions[-1].no_text)
    drafts = [
        answer for call in trace.calls if call.purpose == "draft" for answer in call.completions
    ]
    return number < len(drafts) and bool(drafts[number].no_text)


def _fails_passed_test(candidate: Sequence[bool], answer: Sequence[bool]) -> bool:
    """Whether a candidate fails a test that the answer passes."""
    return any(b and not a for a, b in zip(candidate, answer, strict=False))


def labels_of(found: Sequence[Loss]) -> list[Label]:
    """Return the labels of a table: all, but `no answer` only if a loss has it."""
    used = {*USUAL, *(loss.label for loss in found)}
    return [label for label in LABELS if label in used]


def by_outcome(found: Sequence[Loss]) -> str:
    """Return the lost problems as a Markdown table: a row per label, a column per outcome."""
    outcomes = sorted({loss.outcome for loss in found})
    cells = Counter((loss.label, loss.outcome) for loss in found)
    totals, labels = Counter(loss.label for loss in found), labels_of(found)
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
    labels = labels_of(found)
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
