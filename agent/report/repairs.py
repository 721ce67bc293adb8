"""The repairs of a problem: what the model was told, and what it changed."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from agent.report.matrix import hidden
from agent.report.text import visible
from agent.report.widgets import diff, heading, python, show, verdict
from agent.types import Call, Candidate, Trace


def print_repairs(trace: Trace, console: Console) -> None:
    """Show each repair as a diff against its parent, under the messages that asked for it."""
    for candidate in trace.candidates:
        if candidate.round > 0:
            _print_title(trace, candidate, console)
            _print_messages(calls_of(trace, candidate), console)
            _print_change(trace, candidate, console)


def calls_of(trace: Trace, candidate: Candidate) -> tuple[Call, ...]:
    """The requests that led to a candidate of a repair round."""
    return tuple(call for call in trace.calls if call.candidate == candidate.id)


def _print_title(trace: Trace, candidate: Candidate, console: Console) -> None:
    parent = "" if candidate.parent is None else f" from {candidate.parent}"
    title = f"Round {candidate.round}: candidate {candidate.id}{parent}, {candidate.origin}"
    heading(console, title)
    console.print(Text.assemble("hidden tests: ", verdict(hidden(trace, candidate))))


def _print_messages(calls: tuple[Call, ...], console: Console) -> None:
    console.print("The model was told:", style="bold")
    for message in (message for call in calls for message in call.messages):
        lines = visible(message.content).rstrip().splitlines()
        quoted = "\n".join(f"{message.role}> {line}".rstrip() for line in lines)
        show(console, Text(quoted, style="dim"))


def _print_change(trace: Trace, candidate: Candidate, console: Console) -> None:
    if candidate.parent is None:
        console.print("It wrote:", style="bold")
        show(console, python(candidate.source))
        return
    parent = trace.candidates[candidate.parent]
    names = f"candidate {parent.id}", f"candidate {candidate.id}"
    console.print("It changed:", style="bold")
    show(console, diff(parent.source, candidate.source, *names))
