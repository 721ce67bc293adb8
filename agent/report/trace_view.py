"""One problem's trace, from prompt to verdict."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from agent.report.figures import duration
from agent.report.matrix_view import hidden, print_matrix, print_tests
from agent.report.repairs import print_repairs
from agent.report.widgets import heading, python, show, verdict
from agent.support.safe_text import visible
from agent.types import Candidate, Suspect, Trace, Usage


def print_trace(trace: Trace, console: Console) -> None:
    """Show all that a trace holds, in the order in which it happened."""
    console.print(Text(visible(trace.problem.task_id), style="bold"))
    heading(console, "Prompt")
    show(console, python(trace.problem.prompt))
    _print_drafts(trace, console)
    heading(console, "Visible tests")
    print_tests(trace, console)
    heading(console, "Matrix")
    print_matrix(trace, console)
    print_repairs(trace, console)
    _print_selection(trace, console)
    _print_verdict(trace, console)


def _print_drafts(trace: Trace, console: Console) -> None:
    first: dict[str, int] = {}
    for candidate in trace.candidates:
        if candidate.round:
            continue
        heading(console, f"Draft: candidate {candidate.id}")
        show(console, _origin(trace, candidate))
        twin = first.setdefault(candidate.source, candidate.id)
        if twin == candidate.id:
            show(console, python(candidate.source))
        else:
            console.print(f"the same program as candidate {twin}", style="dim")


def _origin(trace: Trace, candidate: Candidate) -> Text:
    cut = "" if candidate.finish_reason == "stop" else f", finish: {candidate.finish_reason}"
    usage = f"{candidate.usage.completion_tokens} tokens{cut}; hidden tests: "
    return Text.assemble(visible(usage), verdict(hidden(trace, candidate)))


def _print_selection(trace: Trace, console: Console) -> None:
    choice = trace.choice
    heading(console, "Selection")
    show(console, Text(visible(f"{choice.selector} chose candidate {choice.candidate}:")))
    for reason in choice.reasons:
        show(console, Text(f"- {visible(reason)}"))
    for suspect in trace.suspects:
        show(console, Text(f"- {visible(_doubt(trace, suspect))}"))


def _doubt(trace: Trace, suspect: Suspect) -> str:
    return (
        f"suspect, and demoted: test {suspect.test}, {trace.tests[suspect.test].source}; no "
        f"candidate passes it, and {suspect.agreed} of {suspect.asked} give {suspect.value}"
    )


def _print_verdict(trace: Trace, console: Console) -> None:
    usage = sum((call.usage for call in trace.calls), Usage())
    rounds = f"{trace.rounds} repair round{'' if trace.rounds == 1 else 's'}"
    heading(console, "Verdict")
    show(console, _scored("single shot", trace, 0))
    show(console, _scored("answer", trace, trace.choice.candidate))
    show(console, Text(visible(f"stopped: {trace.stopped}, after {rounds}")))
    cost = (
        f"cost: {len(trace.calls)} calls, {usage.prompt_tokens:,} prompt and"
        f" {usage.completion_tokens:,} completion tokens, {trace.executions} executions,"
        f" {duration(trace.seconds)}"
    )
    show(console, Text(cost))


def _scored(name: str, trace: Trace, candidate: int) -> Text:
    text = Text(f"{name} (candidate {candidate}): ")
    if trace.score is None:
        return text.append_text(verdict(None))
    text.append_text(verdict(trace.score.passed[candidate]))
    if trace.score.passed[candidate]:
        return text
    return text.append(f", {visible(trace.score.outcomes[candidate])}")
