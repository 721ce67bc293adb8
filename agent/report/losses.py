"""The reason why a problem is lost: coverage, the visible tests or the selector."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, get_args

from agent.types import Trace

Label = Literal["coverage", "hidden edge cases", "wrong visible test", "selection", "no answer"]
"""`coverage`: no candidate is right, and the answer fails a visible test or there are none. `hidden
edge cases`: no candidate is right, but the answer passes every visible test. `wrong visible test`:
each right candidate fails a visible test that the answer passes. `selection`: a right candidate
fails none of these tests, so that the selector could have chosen it. `no answer`: no candidate is
right, and the model gave no text to read the answer from."""
LABELS: tuple[Label, ...] = get_args(Label)


def labels_of(used: Collection[str]) -> list[Label]:
    """Return the labels to show: all, but `no answer` only if a loss has it."""
    return [label for label in LABELS if label in used or label != "no answer"]


def loss_label(trace: Trace) -> Label:
    """Return the reason why a scored problem is lost. Raises ValueError if it is not scored."""
    if trace.score is None:
        raise ValueError(f"{trace.problem.task_id} is not scored")
    visible = {row.candidate: [outcome.passed for outcome in row.outcomes] for row in trace.rows}
    answer = visible.get(trace.choice.candidate, [])
    right = [number for number, passed in enumerate(trace.score.passed) if passed]
    if not right:
        if (written := trace.written(trace.choice.candidate)) and written[1].no_text:
            return "no answer"
        # Without a visible test no evidence supported the answer.
        return "hidden edge cases" if answer and all(answer) else "coverage"
    if all(_fails_passed_test(visible.get(number, []), answer) for number in right):
        return "wrong visible test"
    return "selection"


def _fails_passed_test(candidate: Sequence[bool], answer: Sequence[bool]) -> bool:
    """Whether a candidate fails a test that the answer passes."""
    return any(b and not a for a, b in zip(candidate, answer, strict=False))
