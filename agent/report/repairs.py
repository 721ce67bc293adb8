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
    for i, call in enumerate(calls):
        console.print(f"The model was told{_step(call)}:", style="bold")
        for message in call.messages:
            _print_quoted(message.role, message.content, console)
        if i + 1 < len(calls):  # the last answer is the program, which is shown as a change
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
