from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console

from agent.report.build import build_report
from agent.report.summary import Report, Unscored
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
    SelfCheck,
    Trace,
    Usage,
    VisibleTest,
)
from sandbox.types import Outcome, Status

PROMPT = '''
def longest(words):
    """The longest word, the first of equals; None without words.

    >>> longest(["a", "bcd", "efg"])
    'bcd'
    longest([]) == None
    """
'''
FIRST = PROMPT + "    return max(words)\n"
CRASHING = PROMPT + "    return sorted(words, key=len)[-1]\n"
SECOND_TRY = PROMPT + "    return max(words, key=len)\n"
RIGHT = PROMPT + "    if not words:\n        return None\n    return max(words, key=len)\n"

PASSED = Outcome(Status.PASSED)
WRONG = Outcome(Status.WRONG_ANSWER, expected="'bcd'", actual="'efg'")
RAISED = Outcome(Status.EXCEPTION, exception="ValueError", message="empty", line=9)


@pytest.fixture
def console() -> Console:
    """Return a console of 80 columns that is not a terminal, as for a pipe."""
    return Console(file=StringIO(), width=80, force_terminal=False)


def written(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.fixture
def output(console: Console) -> Callable[[], str]:
    """Return a function that returns the text written to the console so far."""
    return lambda: written(console)


def repair_call(number: int, code: str, detail: str, answer: str) -> Call:
    prompt = f"This attempt is wrong:\n\n```python\n{code.strip()}\n```\n\nFailing tests:\n{detail}"
    return Call(
        purpose="error_feedback",
        round=number,
        candidate=number + 2,
        messages=(Message(role="user", content=prompt),),
        sampling=Sampling(seed=number),
        completions=(
            Completion(
                text=f"```python\n{answer}```",
                usage=Usage(prompt_tokens=90, completion_tokens=30),
            ),
        ),
    )


@pytest.fixture
def trace() -> Trace:
    """Return a trace with three drafts, two of them equal, and two rounds until one passes."""
    return Trace(
        problem=Problem(task_id="Words/7", prompt=PROMPT, entry_point="longest"),
        candidates=(
            Candidate(id=0, source=FIRST, usage=Usage(prompt_tokens=50, completion_tokens=12)),
            Candidate(id=1, source=CRASHING, usage=Usage(prompt_tokens=50, completion_tokens=15)),
            Candidate(id=2, source=FIRST, finish_reason="length"),
            Candidate(id=3, parent=1, round=1, origin="error_feedback", source=SECOND_TRY),
            Candidate(id=4, parent=3, round=2, origin="error_feedback", source=RIGHT),
        ),
        tests=(
            VisibleTest(
                source='assert longest(["a", "bcd", "efg"]) == \'bcd\'',
                origin="docstring",
                form=">>>",
                span=(88, 135),
            ),
            VisibleTest(
                source="assert longest([]) == None", origin="docstring", form="==", span=(140, 159)
            ),
            VisibleTest(
                source='assert longest(["xy", "z"]) == "xy"',
                origin="generated",
                form="assert",
                count=2,
            ),
        ),
        rows=(
            Row(candidate=0, outcomes=(WRONG, RAISED, WRONG)),
            Row(candidate=1, outcomes=(WRONG, RAISED, PASSED)),
            Row(candidate=3, outcomes=(PASSED, RAISED, PASSED)),
            Row(candidate=4, outcomes=(PASSED, PASSED, PASSED)),
        ),
        calls=(
            Call(
                purpose="draft",
                round=0,
                messages=(Message(role="user", content=PROMPT),),
                sampling=Sampling(),
                completions=(
                    Completion(text=FIRST, usage=Usage(prompt_tokens=50, completion_tokens=12)),
                    Completion(text=CRASHING, usage=Usage(prompt_tokens=50, completion_tokens=15)),
                ),
            ),
            repair_call(1, CRASHING, "longest(...) gave 'efg'", SECOND_TRY),
            repair_call(2, SECOND_TRY, "ValueError: empty", RIGHT),
        ),
        rounds=2,
        stopped="passed",
        choice=Choice(
            candidate=4,
            selector="tiered",
            reasons=("passes 2 of 2 docstring examples", "alone in its set"),
        ),
        executions=15,
        score=Score(
            passed=(False, False, False, False, True),
            outcomes=("wrong answer", "wrong answer", "wrong answer", "exception", "passed"),
        ),
        seconds=1.25,
    )


def chosen(trace: Trace, task_id: str, candidate: int, passed: tuple[bool, ...]) -> Trace:
    """Return the same trace with another task id, another answer and other verdicts."""
    return trace.model_copy(
        update={
            "problem": trace.problem.model_copy(update={"task_id": task_id}),
            "choice": trace.choice.model_copy(update={"candidate": candidate}),
            "score": Score(passed=passed, outcomes=tuple(str(p) for p in passed)),
        }
    )


@pytest.fixture
def traces(trace: Trace) -> list[Trace]:
    """Return four traces: gained, lost, solved by both, and a right program not selected."""
    no, yes = False, True
    return [
        trace,
        chosen(trace, "Words/8", 3, (yes, no, no, no, no)),
        chosen(trace, "Words/9", 0, (yes, yes, yes, yes, yes)),
        chosen(trace, "Words/10", 1, (no, no, no, no, yes)),
    ]


@pytest.fixture
def report(traces: list[Trace]) -> Report:
    """Return the report of all four problems, all of them scored."""
    return build_report(
        traces, dataset="words", model="tiny", sandbox="fake", starts=[133.4], unscored=()
    )


@pytest.fixture
def unjudged_report(traces: list[Trace]) -> Report:
    """Return the report of the same run where the reference solutions of two problems fail."""
    checks = [
        SelfCheck(has_reference=True, isolation="shared"),
        SelfCheck(has_reference=True, failure="needs numpy, which the sandbox lacks"),
        SelfCheck(has_reference=True, failure="wrong answer"),
        SelfCheck(has_reference=True, failure="needs numpy, which the sandbox lacks"),
    ]
    judged = [
        trace.model_copy(update={"score": trace.score.model_copy(update={"check": check})})
        for trace, check in zip(traces, checks, strict=True)
        if trace.score is not None
    ]
    return build_report(
        judged,
        dataset="words",
        model="tiny",
        sandbox="fake",
        starts=[4.0],
        unscored=(),
        dataset_problems=9,
    )


@pytest.fixture
def torn_report(traces: list[Trace]) -> Report:
    """Return the report of the same run with five more problems that are unscored."""
    unscored = [Unscored(task_id=f"Words/{i}", error=f"lost\nslot {i}") for i in range(20, 25)]
    return build_report(
        traces, dataset="words", model="tiny", sandbox="fake", starts=[4000], unscored=unscored
    )
