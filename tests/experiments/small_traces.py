"""Traces made by hand, one line per candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agent.types import (
    Call,
    Candidate,
    Choice,
    Completion,
    Message,
    Problem,
    Row,
    Sampling,
    Score,
    Trace,
    Usage,
    VisibleTest,
)
from sandbox.types import Outcome, Status

PROMPT = 'def grow(x):\n    """One more.\n\n    >>> grow(1)\n    2\n    """\n'


class One(NamedTuple):
    """One candidate. Programs without a given source differ from each other."""

    passed: bool
    visible: str = ""
    """`+` for each visible test that it passes, `-` for the others."""
    parent: int | None = None
    round: int = 0
    source: str = ""
    outcome: str = "wrong answer"
    tokens: int = 0


def trace_of(
    *candidates: One,
    task: str = "Own/0",
    answer: int = 0,
    calls: Sequence[Call] = (),
    prompt: str = PROMPT,
    request: int = 0,
) -> Trace:
    """Return a trace of these candidates, whose prompt took `request` tokens."""
    tests = max((len(one.visible) for one in candidates), default=0)
    return Trace(
        problem=Problem(task_id=task, prompt=prompt, entry_point="grow"),
        candidates=tuple(
            Candidate(
                id=i,
                parent=one.parent,
                round=one.round,
                origin="error_feedback" if one.round else "draft",
                source=one.source or f"def grow(x):\n    return {i}\n",
                usage=Usage(prompt_tokens=request, completion_tokens=one.tokens),
            )
            for i, one in enumerate(candidates)
        ),
        tests=tuple(
            VisibleTest(source=f"assert grow({i}) == 0", origin="docstring", form=">>>")
            for i in range(tests)
        ),
        rows=tuple(
            Row(candidate=i, outcomes=tuple(map(_outcome, one.visible)))
            for i, one in enumerate(candidates)
        ),
        calls=tuple(calls),
        rounds=max((one.round for one in candidates), default=0),
        stopped="rounds",
        choice=Choice(candidate=answer, selector="tiered", reasons=()),
        executions=len(candidates),
        score=Score(
            passed=tuple(one.passed for one in candidates),
            outcomes=tuple("passed" if one.passed else one.outcome for one in candidates),
        ),
    )


def unscored(trace: Trace) -> Trace:
    return trace.model_copy(update={"score": None})


def call(round_: int, prompt: int, *written: int) -> Call:
    """Return a request of `prompt` tokens, with answers of `written` tokens."""
    return Call(
        purpose="error_feedback" if round_ else "draft",
        round=round_,
        messages=(Message(role="user", content="?"),),
        sampling=Sampling(),
        completions=tuple(
            Completion(text="", usage=Usage(prompt_tokens=prompt, completion_tokens=tokens))
            for tokens in written
        ),
    )


def _outcome(mark: str) -> Outcome:
    return Outcome(Status.PASSED if mark == "+" else Status.WRONG_ANSWER)
