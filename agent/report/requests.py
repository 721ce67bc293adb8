"""Requests to the model, as sent, and its answers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from agent.report.widgets import View
from agent.support.safe_text import visible
from agent.types import Call, Completion


def print_request(call: Call, view: View) -> None:
    """Print the messages of a request."""
    step = f", to {visible(call.step)}" if call.step else ""
    view.show(Text(f"The model was told{step}:", style="bold"))
    for message in call.messages:
        view.quote(message.role, message.content)


def print_answers(answers: Sequence[Completion], view: View) -> None:
    """Print answers as the model gave them, each after its reasoning if that is known."""
    view.show(Text("It answered:" if answers else "It was not asked.", style="bold"))
    for number, answer in enumerate(answers, start=1):
        mark = f" {number}" if len(answers) > 1 else ""
        if answer.reasoning:
            view.quote(f"thought{mark}", answer.reasoning)
        view.quote(f"answer{mark}", answer.text or f"({answer.no_text or 'empty'})")


def print_exchange(calls: Sequence[Call], title: str, view: View) -> None:
    """Print requests with their answers under a heading, if there are any."""
    if calls:
        view.heading(title)
    for call in calls:
        print_request(call, view)
        print_answers(call.completions, view)
