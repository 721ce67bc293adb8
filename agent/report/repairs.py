"""The repairs of a problem: the requests to the model, and its changes to the programs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.text import Text

from agent.report.requests import print_answers, print_request
from agent.report.widgets import View, coloured_diff, diff, hidden, python
from agent.support.safe_text import visible
from agent.types import Call, Candidate, Trace


def print_repairs(trace: Trace, view: View) -> None:
    """Print each repair as a diff against its parent, after the messages that requested it.

    For a repair without a new program, the messages and the answers are printed.
    """
    for number in range(trace.rounds + 1):
        repairs = [c for c in trace.candidates if c.round == number and c.origin != "draft"]
        for candidate in sorted(repairs, key=lambda c: c.patch is not None):
            _print_title(trace, candidate, view)
            _print_calls(calls_of(trace, candidate), view, has_program=True)
            _print_change(trace, candidate, view)
        for calls in calls_without_candidate(trace, number):
            left, strategy = calls[0].parent, calls[0].purpose
            view.heading(f"Round {number}: candidate {left} unchanged, {strategy}")
            if reason := calls[-1].reason:
                view.show(Text(visible(f"no new candidate: {reason}")))
            _print_calls(calls, view, has_program=False)


def calls_of(trace: Trace, candidate: Candidate) -> tuple[Call, ...]:
    """Return the requests that led to a candidate of a repair round."""
    return tuple(call for call in trace.calls if call.candidate == candidate.id)


def calls_without_candidate(trace: Trace, number: int) -> Iterator[tuple[Call, ...]]:
    """Yield the requests of a round that did not lead to a candidate, grouped by their parent."""
    calls = (c for c in trace.calls if c.round == number and c.candidate is None)
    for parent, about in groupby(calls, key=lambda call: call.parent):
        if parent is not None:
            yield tuple(about)


def _print_title(trace: Trace, candidate: Candidate, view: View) -> None:
    parent = "" if candidate.parent is None else f" from {candidate.parent}"
    how = candidate.origin
    if candidate.patch is not None:
        how = f"{'weak ' * candidate.patch.weak}patch ({' and '.join(candidate.patch.kinds)})"
    view.heading(f"Round {candidate.round}: candidate {candidate.id}{parent}, {how}")
    view.show(Text.assemble("hidden tests: ", hidden(trace, candidate.id)))


def _print_calls(calls: tuple[Call, ...], view: View, *, has_program: bool) -> None:
    """Print requests and answers.

    If they led to a program, a view that is not full omits the last answer: the diff follows.
    """
    for number, call in enumerate(calls, start=1):
        print_request(call, view)
        if view.full or number < len(calls) or not has_program:
            print_answers(call.completions, view)


def _print_change(trace: Trace, candidate: Candidate, view: View) -> None:
    if candidate.parent is None:
        view.show(Text("It wrote:", style="bold"))
        view.show(python(candidate.source))
        return
    parent = trace.candidates[candidate.parent]
    names = f"candidate {parent.id}", f"candidate {candidate.id}"
    view.show(Text("It changed:", style="bold"))
    if candidate.patch is not None:
        view.show(coloured_diff(candidate.patch.diff.splitlines()))
        return
    view.show(diff(parent.source, candidate.source, *names))
