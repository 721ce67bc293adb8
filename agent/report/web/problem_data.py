"""One problem of a run as the page reads it: plain values for JSON, all texts made visible."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from agent.report.build import answered
from agent.report.endings import ending
from agent.report.matrix_view import SYMBOLS
from agent.support.safe_text import visible
from agent.types import Call, Candidate, Completion, Suspect, Trace, VisibleTest
from sandbox.types import Outcome, Status

Json = dict[str, object]


class Texts:
    """The distinct texts of a problem: programs, prompts and answers repeat each other."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        """Return the position of a text, made visible, which is added if it is new."""
        shown = visible(text)
        if shown not in self._places:
            self._places[shown] = len(self.all)
            self.all.append(shown)
        return self._places[shown]


def problem_data(trace: Trace) -> Json:
    """Return everything that the page shows of a problem. Positions refer to `texts`.

    The verdict of the hidden tests is in `verdict` and in each candidate's `hidden`; nothing else
    comes from them.
    """
    texts = Texts()
    return {
        "id": visible(trace.problem.task_id),
        "prompt": _prompt(trace),
        "candidates": [_candidate(trace, one, texts) for one in trace.candidates],
        "tests": [_test(test, texts) for test in trace.tests],
        "rows": {row.candidate: _cells(row.outcomes) for row in trace.rows},
        "evidence": {
            row.candidate: {
                number: _evidence(outcome)
                for number, outcome in enumerate(row.outcomes)
                if not outcome.passed
            }
            for row in trace.rows
        },
        "calls": [_call(call, texts) for call in trace.calls],
        "selection": _selection(trace),
        "verdict": _verdict(trace),
        "texts": texts.all,  # last: the other entries fill it
    }


def _prompt(trace: Trace) -> list[Json]:
    """Return the prompt in pieces, each with the tests that were read from it, if any."""
    prompt = trace.problem.prompt
    spans: dict[tuple[int, int], list[int]] = {}
    for number, test in enumerate(trace.tests):
        if test.span is not None:
            spans.setdefault(test.span, []).append(number)
    pieces: list[Json] = []
    place = 0
    for (start, end), tests in sorted(spans.items()):
        if start < place or not start < end <= len(prompt):
            continue  # inside another example
        pieces += [{"text": visible(prompt[place:start])}] if place < start else []
        pieces.append({"text": visible(prompt[start:end]), "tests": tests})
        place = end
    return [*pieces, {"text": visible(prompt[place:])}] if place < len(prompt) else pieces


def _candidate(trace: Trace, one: Candidate, texts: Texts) -> Json:
    found: Json = {
        "id": one.id,
        "parent": one.parent,
        "round": one.round,
        "origin": visible(one.origin),
        "source": texts.place(one.source),
        "tokens": one.usage.completion_tokens,
        "finish": visible(one.finish_reason),
        "hidden": hidden_words(trace, one.id),
    }
    if one.patch is not None:
        found |= {"kinds": [visible(kind) for kind in one.patch.kinds], "weak": one.patch.weak}
    if one.parent is not None:
        found["diff"] = line_changes(trace.candidates[one.parent].source, one.source)
    return found


def hidden_words(trace: Trace, candidate: int) -> str:
    """Return the verdict of the hidden tests on a candidate: `passed`, an outcome, or why not."""
    if trace.score is None:
        return "not scored yet"
    if trace.score.passed[candidate]:
        return "passed"
    if not trace.score.judges(candidate):
        return "unjudged"
    return visible(trace.score.outcomes[candidate])


def line_changes(before: str, after: str) -> list[tuple[str, int, int, int, int]]:
    """Return the operations that turn the lines of one text into those of another.

    Each is (`equal`, `replace`, `delete` or `insert`, first line and end before, the same after).
    Between the lines that both begin and end with, very many are one operation.
    """
    one, two = (visible(text).rstrip("\n").split("\n") for text in (before, after))
    start = _common(one, two)
    end = _common(one[start:][::-1], two[start:][::-1])
    middle = one[start : len(one) - end], two[start : len(two) - end]
    inner: Sequence[tuple[str, int, int, int, int]]
    if max(map(len, middle)) > DIFF_LINES:
        inner = [("replace", 0, len(middle[0]), 0, len(middle[1]))]
    else:
        inner = difflib.SequenceMatcher(None, *middle, autojunk=False).get_opcodes()
    ends = len(one) - end, len(two) - end
    return [
        *([("equal", 0, start, 0, start)] if start else []),
        *((code, a + start, b + start, c + start, d + start) for code, a, b, c, d in inner),
        *([("equal", ends[0], len(one), ends[1], len(two))] if end else []),
    ]


def _common(one: Sequence[str], two: Sequence[str]) -> int:
    """Return the number of lines that both begin with."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(two)))


def _test(test: VisibleTest, texts: Texts) -> Json:
    return {
        "source": texts.place(test.source),
        "origin": test.origin,
        "form": visible(test.form),
        "count": test.count,
    }


def _cells(outcomes: Sequence[Outcome]) -> str:
    return "".join("." if one.passed else SYMBOLS[one.status] for one in outcomes)


def _evidence(outcome: Outcome) -> Json:
    """Return what a failed test said."""
    shown = {
        "expected": outcome.expected,
        "actual": outcome.actual,
        "value": outcome.value,
        "exception": outcome.exception,
        "message": outcome.message,
    }
    found: Json = {name: visible(text) for name, text in shown.items() if text}
    if outcome.line:
        found["line"] = outcome.line
    return {"status": outcome.status.value, **found}


def _call(call: Call, texts: Texts) -> Json:
    return {
        "purpose": visible(call.purpose),
        "step": visible(call.step),
        "round": call.round,
        "candidate": call.candidate,
        "parent": call.parent,
        "reason": visible(call.reason),
        "messages": [(one.role, texts.place(one.content)) for one in call.messages],
        "answers": [_answer(one, texts) for one in call.completions],
    }


def _answer(one: Completion, texts: Texts) -> Json:
    found: Json = {
        "text": texts.place(one.text),
        "tokens": one.usage.completion_tokens,
        "finish": visible(one.finish_reason),
    }
    if one.reasoning:
        found["reasoning"] = texts.place(one.reasoning)
    return found


def _selection(trace: Trace) -> Json:
    choice = trace.choice
    return {
        "selector": visible(choice.selector),
        "candidate": choice.candidate,
        "reasons": [visible(reason) for reason in choice.reasons],
        "tied": list(choice.tied),
        "inputs": [visible(text) for text in trace.inputs],
        "suspects": [_suspect(trace, one, "suspect, and demoted") for one in trace.suspects],
        "contradicted": [_suspect(trace, o, "no patch is made for it") for o in trace.contradicted],
        "unpatched": trace.unpatched.candidate if trace.unpatched else None,
    }


def _suspect(trace: Trace, one: Suspect, fate: str) -> str:
    return visible(
        f"{trace.tests[one.test].source}: {fate}; {one.agreed} of {one.asked} give {one.value}"
    )


def _verdict(trace: Trace) -> Json:
    usage, score = trace.usage, trace.score
    return {
        "single": hidden_words(trace, 0),
        "final": hidden_words(trace, trace.choice.candidate),
        "unjudged": visible(score.check.failure) if score and not trace.is_judged else "",
        "isolation": score.check.isolation if score else "",
        "stopped": visible(ending(trace)),
        "rounds": trace.rounds,
        "calls": answered(trace.calls),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "executions": trace.executions,
        "variants": trace.variants,
        "patch_seconds": trace.patch_seconds,
        "seconds": trace.seconds,
        "steps": {visible(name): time for name, time in trace.step_seconds.items()},
    }


DIFF_LINES = 400
"""Lines above which changed lines are not told apart: the time grows with the third power."""
LEGEND = {
    "." if status == Status.PASSED else symbol: status.value for status, symbol in SYMBOLS.items()
}
"""The outcome that each letter of a matrix stands for."""
