"""The repairs of a problem: what the model was told, and what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text

from agent.report.matrix_view import hidden
from agent.report.widgets import diff, heading, python, show, verdict
from agent.support.safe_text import visible
from agent.types import Call, Candidate, Trace


def print_repairs(trace: Trace, console: Console) -> None:
    """Show each repair as a diff against its parent, under the messages that asked for it.

    Of one that left its program as it is, there are the messages and what was answered.
    """
    for number in range(1, trace.rounds + 1):
        for candidate in (c for c in trace.candidates if c.round == number):
            _print_title(trace, candidate, console)
            # The last answer is the program, which is shown as a change.
            calls = calls_of(trace, candidate)
            _print_messages(calls, len(calls) - 1, console)
            _print_change(trace, candidate, console)
        for calls in calls_for_nothing(trace, number):
            left, strategy = calls[0].parent, calls[0].purpose
            heading(console, f"Round {number}: candidate {left} left as it is, {strategy}")
            _print_messages(calls, len(calls), console)


def calls_of(trace: Trace, candidate: Candidate) -> tuple[Call, ...]:
    """The requests that led to a candidate of a repair round."""
    return tuple(call for call in trace.calls if call.candidate == candidate.id)


def calls_for_nothing(trace: Trace, number: int) -> Iterator[tuple[Call, ...]]:
    """The requests of a round that led to no candidate, by the program that they are about."""
    calls = (c for c in trace.calls if c.round == number and c.candidate is None)
    for parent, about in groupby(calls, key=lambda call: call.parent):
        if parent is not None:
            yield tuple(about)


def _print_title(trace: Trace, candidate: Candidate, console: Console) -> None:
    parent = "" if candidate.parent is None else f" from {candidate.parent}"
    title = f"Round {candidate.round}: candidate {candidate.id}{parent}, {candidate.origin}"
    heading(console, title)
    console.print(Text.assemble("hidden tests: ", verdict(hidden(trace, candidate))))


def _print_messages(calls: tuple[Call, ...], answers: int, console: Console) -> None:
    """Show requests, and what the first `answers` of them were answered."""
    for i, call in enumerate(calls):
        console.print(f"The model was told{_step(call)}:", style="bold")
        for message in call.messages:
            _print_quoted(message.role, message.content, console)
        if i < answers:
            console.print("It answered:", style="bold")
            for answer in call.completions:
                _print_quoted("answer", answer.text, console)


def _step(call: Call) -> str:
    return f", to {visible(call.step)}" if call.step else ""


def _print_quoted(who: str, text: str, console: Console) -> None:
    lines = visible(text).rstrip().splitlines()
    show(console, Text("\n".join(f"{who}> {line}".rstrip() for line in lines), style="dim"))


def _print_change(trace: Trace, candidate: Candidate, console: Console) -> None:
    if candidate.parent is None:
        console.print("It wrote:", style="bold")
        show(console, python(candidate.source))
        return
    parent = trace.candidates[candidate.parent]
    names = f"candidate {parent.id}", f"candidate {candidate.id}"
    console.print("It changed:", style="bold")
    show(console, diff(parent.source, candidate.source, *names))
