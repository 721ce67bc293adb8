"""One problem's trace, from prompt to verdict."""

from __future__ import annotations

from rich.text import Text

from agent.report.build import answered
from agent.report.endings import ending, passed_tests, visible_test_counts
from agent.report.figures import count, duration
from agent.report.matrix_view import print_matrix, print_tests
from agent.report.repairs import print_repairs
from agent.report.requests import print_exchange
from agent.report.widgets import View, hidden, python
from agent.support.safe_text import visible
from agent.types import Call, Candidate, Suspect, Trace


def print_trace(trace: Trace, view: View) -> None:
    """Print a trace in the order in which it happened.

    A full view also has the requests for plans, drafts, tests, inputs and selection, and every
    answer as the model gave it.
    """
    view.show(Text(visible(trace.problem.task_id), style="bold"))
    view.heading("Prompt")
    view.show(python(trace.problem.prompt))
    _print_requests("plan", "Requests for plans", trace, view)
    _print_requests("draft", "Requests for drafts", trace, view)
    _print_drafts(trace, view)
    _print_requests("tests", "Requests for tests", trace, view)
    print_course(trace, view)
    if not view.full:
        view.show(Text("--full shows every prompt, answer and test whole", style="dim"))


def print_course(trace: Trace, view: View) -> None:
    """Print what follows the drafts: tests, matrix, repairs, the choice and the verdict."""
    view.heading("Visible tests")
    print_tests(trace, view)
    _print_requests("inputs", "Requests for inputs", trace, view)
    view.heading("Matrix")
    print_matrix(trace, view)
    print_repairs(trace, view)
    _print_requests("select", "Requests for selection", trace, view)
    _print_selection(trace, view)
    _print_verdict(trace, view)


def _print_requests(purpose: str, title: str, trace: Trace, view: View) -> None:
    if view.full:
        print_exchange([call for call in trace.calls if call.purpose == purpose], title, view)


def _print_drafts(trace: Trace, view: View) -> None:
    first: dict[str, int] = {}
    for candidate in trace.candidates:
        if candidate.origin != "draft":
            continue
        view.heading(f"Draft: candidate {candidate.id}")
        view.show(_origin(trace, candidate))
        twin = first.setdefault(candidate.source, candidate.id)
        if twin == candidate.id:
            view.show(python(candidate.source))
        else:
            view.show(Text(f"the same program as candidate {twin}", style="dim"))


def _origin(trace: Trace, candidate: Candidate) -> Text:
    cut = "" if candidate.finish_reason == "stop" else f", finish: {candidate.finish_reason}"
    usage = f"{candidate.usage.completion_tokens} tokens{cut}; hidden tests: "
    return Text.assemble(visible(usage), hidden(trace, candidate.id))


def _print_selection(trace: Trace, view: View) -> None:
    choice = trace.choice
    view.heading("Selection")
    view.show(Text(visible(f"{choice.selector} chose candidate {choice.candidate}:")))
    for reason in choice.reasons:
        view.show(Text(f"- {visible(reason)}"))
    for suspect in trace.suspects:
        view.show(Text(f"- {visible(_suspect_text(trace, suspect))}"))
    for suspect in trace.contradicted:
        test = f"test {suspect.test}, {trace.tests[suspect.test].source}"
        told = f"contradicted, and not patched for: {test}; all drafts give {suspect.value}"
        view.show(Text(f"- {visible(told)}"))
    if trace.unpatched is not None:
        view.show(Text(f"- without patches: candidate {trace.unpatched.candidate}"))


def _suspect_text(trace: Trace, suspect: Suspect) -> str:
    return (
        f"suspect, and demoted: test {suspect.test}, {trace.tests[suspect.test].source}; no "
        f"candidate passes it, and {suspect.agreed} of {suspect.asked} give {suspect.value}"
    )


def _print_verdict(trace: Trace, view: View) -> None:
    calls: tuple[Call, ...] = trace.calls
    usage = trace.usage
    view.heading("Verdict of the hidden tests")
    view.show(_scored("single shot", trace, 0))
    view.show(_scored("answer", trace, trace.choice.candidate))
    view.show(Text(visible(f"stopped: {_stopped(trace)}")))
    tried = f"{count(trace.variants, 'variant')} in {duration(trace.patch_seconds)} of CPU time, "
    cost = (
        f"cost: {count(answered(calls), 'call')}, {usage.prompt_tokens:,} prompt and"
        f" {usage.completion_tokens:,} completion tokens, {trace.executions} executions,"
        f" {tried if trace.screens else ''}{duration(trace.seconds)}"
    )
    view.show(Text(cost))


def _stopped(trace: Trace) -> str:
    """Return why the loop ended, and the numbers of visible tests that the answer passes."""
    answer = trace.choice.candidate
    passed, total = passed_tests(trace, answer), visible_test_counts(trace)
    kinds = (f"{passed[i]} of {total[i]} {kind}" for i, kind in enumerate(_KINDS) if total[i])
    tests = f"; the answer passes {' and '.join(kinds)}" if any(total) else ""
    return f"{ending(trace)}, after {count(trace.rounds, 'repair round')}{tests}"


_KINDS = "docstring examples", "generated tests"  # as in Passed


def _scored(name: str, trace: Trace, candidate: int) -> Text:
    text = Text(f"{name} (candidate {candidate}): ")
    text.append_text(hidden(trace, candidate))
    if trace.score is None or trace.score.passed[candidate]:
        return text
    text.append(f", {visible(trace.score.outcomes[candidate])}")
    if trace.score.judges(candidate):
        return text
    return text.append(f"; the reference solution fails, too: {visible(trace.score.check.failure)}")
