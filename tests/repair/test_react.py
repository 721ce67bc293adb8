"""The strategy react: every action, answers that are none, its limit, and its replay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config import RunConfig
from agent.repair.strategies.react import MOST_CALLS, ChosenAction, read_action
from agent.runner.audit import replay
from agent.types import Problem, Trace
from sandbox.fake import FakeSandbox
from tests.repair.script import fenced, loop, verdicts

DRAFT = fenced("--")
SETTINGS: dict[str, Any] = {"rounds": 1, "repair": {"strategy": "react"}, "selector": "first"}


async def acted(
    problem: Problem, folder: Path, answers: Sequence[str], **settings: Any
) -> tuple[Trace, FakeSandbox]:
    """Run one round on a draft that fails both examples; its replay has to be the same."""
    sandbox, settings = FakeSandbox(verdicts), {**SETTINGS, **settings}
    trace = await loop(problem, [DRAFT, *answers], folder, sandbox, **settings)
    config = RunConfig.model_validate({"draft": {"n": 1}, "tests": {"n": 0}, **settings})
    assert await replay(trace, config) == []
    return trace, sandbox


def steps(trace: Trace) -> list[str]:
    """Return the last step that each prompt of the round tells of; "" if it tells of none."""
    prompts = [call.messages[-1].content for call in trace.calls[1:]]
    told = [[line for line in text.splitlines() if " Result: " in line] for text in prompts]
    return [lines[-1].removeprefix("- ") if lines else "" for lines in told]


def sources(trace: Trace) -> list[str]:
    return [candidate.source.split("'")[1] for candidate in trace.candidates]


async def test_a_program_that_runs_and_passes_is_submitted_at_once(
    problem: Problem, tmp_path: Path
) -> None:
    trace, sandbox = await acted(problem, tmp_path, [f"Action: run\n{fenced('++')}"])
    assert (trace.stopped, sources(trace)) == ("passed", ["--", "++"])
    assert len(trace.probes) == 1
    assert len(sandbox.jobs) == trace.executions == 2


async def test_a_program_without_an_action_runs_and_its_failures_are_told(
    problem: Problem, tmp_path: Path
) -> None:
    trace, _ = await acted(problem, tmp_path, [fenced("+- a"), "Action: submit"])
    assert (trace.stopped, sources(trace)) == ("rounds", ["--", "+- a"])
    told = trace.calls[-1].messages[0].content
    assert "is wrong:\n\n```python\nfrom typing import List\n\n\ndef second_largest" in told
    assert "return '+- a'" in told
    assert "return '--'" not in told
    assert "Failing tests:\nassert second_largest([5, 9]) == 5\n# expected 1, got '+- a'" in told
    assert "go on passing:\nassert second_largest([3, 1, 2]) == 2" in told


async def test_a_rewritten_program_runs_only_if_the_model_says_so(
    problem: Problem, tmp_path: Path
) -> None:
    rewrite = f"Thought: Sort.\nAction: rewrite\n{fenced('-- a')}"
    trace, sandbox = await acted(problem, tmp_path, [rewrite, "Action: submit"])
    assert steps(trace) == ["", "Sort. Action: rewrite. Result: not run yet"]
    told = trace.calls[-1].messages[0].content
    assert "has not been run yet:" in told
    assert "Failing tests" not in told
    assert trace.probes == ()
    assert (len(sandbox.jobs), sources(trace)) == (2, ["--", "-- a"])
    again, _ = await acted(problem, tmp_path / "b", [rewrite, "Action: run", "Action: submit"])
    failure = "it fails assert second_largest([3, 1, 2]) == 2 # expected 1, got '-- a'"
    assert steps(again)[-1] == f"Action: run. Result: {failure}"
    assert (len(again.probes), again.executions) == (1, 2)


async def test_a_rewrite_without_a_program_is_asked_for_one(
    problem: Problem, tmp_path: Path
) -> None:
    trace, _ = await acted(problem, tmp_path, ["Action: rewrite", fenced("++ a")])
    assert [call.step for call in trace.calls[1:]] == ["act", "write"]
    assert (trace.stopped, sources(trace)) == ("passed", ["--", "++ a"])


@pytest.mark.parametrize(
    "words", [" second_largest([5, 9])", ": `second_largest([5, 9])`.", "(second_largest([5, 9]))"]
)
async def test_a_call_that_the_model_names_is_traced(
    problem: Problem, tmp_path: Path, words: str
) -> None:
    trace, _ = await acted(problem, tmp_path, [f"Action: trace{words}", fenced("++")])
    told = trace.calls[-1].messages[0].content
    assert "does in `second_largest([5, 9])`, a block" in told
    assert "# values = [3, 1, 2]" in told
    assert "Failing tests:\nassert second_largest([3, 1, 2]) == 2" in told
    assert steps(trace)[-1] == "Action: trace. Result: second_largest([5, 9]) returns a text"


@pytest.mark.parametrize("words", ["", " the first test", " second_largest([1", " other([1])"])
async def test_without_a_call_the_first_failing_test_is_traced(
    problem: Problem, tmp_path: Path, words: str
) -> None:
    trace, _ = await acted(problem, tmp_path, [f"Action: trace{words}", fenced("++")])
    assert "does in `second_largest([3, 1, 2])`, a block" in trace.calls[-1].messages[0].content


async def test_a_call_on_names_is_not_traced(problem: Problem, tmp_path: Path) -> None:
    answers = [f"Action: trace second_largest({x})" for x in ("[3, 1]", "values")]
    trace, _ = await acted(problem, tmp_path, [*answers, fenced("++")])
    assert steps(trace)[-1] == "Action: trace. Result: could not be traced"
    assert "a block of lines" not in trace.calls[-1].messages[0].content
    assert len(trace.probes) == 2


async def test_a_trace_is_gone_with_its_program(problem: Problem, tmp_path: Path) -> None:
    answers = ["Action: trace", fenced("-- a"), "Action: submit"]
    trace, _ = await acted(problem, tmp_path, answers)
    shown = ["a block of lines" in call.messages[0].content for call in trace.calls[1:]]
    assert shown == [False, True, False]


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("Action: submit", "Action: submit. Result: nothing new"),
        ("Action: run", "Action: run. Result: nothing new"),
        (
            "The values\nare not sorted.",
            "The values are not sorted. Action: none. Result: nothing new",
        ),
        ("", "Action: none. Result: nothing new"),
        ("<think>Action: submit</think>", "Action: none. Result: nothing new"),
    ],
)
async def test_what_cannot_be_done_is_a_step_without_effect(
    problem: Problem, tmp_path: Path, said: str, result: str
) -> None:
    trace, _ = await acted(problem, tmp_path, [said, fenced("++")])
    assert steps(trace)[-1] == result
    assert (trace.stopped, trace.executions) == ("passed", 2)


async def test_only_what_can_be_done_is_offered(problem: Problem, tmp_path: Path) -> None:
    rewrite = f"Action: rewrite\n{fenced('-- a')}"
    trace, _ = await acted(problem, tmp_path, [rewrite, "run", "submit"])
    prompts = [call.messages[0].content for call in trace.calls[1:]]
    assert ["Action: run" in text.split("the actions:")[1] for text in prompts] == [
        False,
        True,
        False,
    ]
    assert ["Action: submit" in text for text in prompts] == [False, True, True]


async def test_the_last_call_asks_for_a_program_if_there_is_none(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [*["I do not know."] * (MOST_CALLS - 1), fenced("-- a")]
    trace, _ = await acted(problem, tmp_path, answers)
    assert [call.step for call in trace.calls[1:]] == [*["act"] * (MOST_CALLS - 1), "write"]
    assert sources(trace) == ["--", "-- a"]
    nothing, _ = await acted(problem, tmp_path / "b", ["I do not know."] * MOST_CALLS)
    assert {call.reason for call in nothing.calls[1:]} == {
        "the answer does not define the whole function"
    }


async def test_the_last_program_is_submitted_at_the_limit(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced(f"-- {i}") for i in range(MOST_CALLS - 1)]
    trace, _ = await acted(problem, tmp_path, answers)
    assert (len(trace.calls), trace.executions) == (MOST_CALLS, MOST_CALLS)
    assert sources(trace) == ["--", f"-- {MOST_CALLS - 2}"]


async def test_a_program_that_ran_before_does_not_run_again(
    problem: Problem, tmp_path: Path
) -> None:
    first, second = ["-- a", "-- b", "-- a", "-- c"], ["-- c", "-- b", "--", "++"]
    answers = [fenced(text) for text in (*first, *second)]
    trace, sandbox = await acted(problem, tmp_path, answers, rounds=2)
    assert sources(trace) == ["--", "-- c", "++"]
    assert len(sandbox.jobs) == trace.executions == 5


async def test_a_generated_test_that_fails_does_not_keep_a_program_from_being_submitted(
    problem: Problem, tmp_path: Path
) -> None:
    tests = "assert second_largest([1, 2]) == 1"
    answers, settings = [DRAFT, tests, fenced("++-")], {**SETTINGS, "tests": {"n": 1}}
    trace = await loop(problem, answers, tmp_path, **settings)
    assert (trace.stopped, len(trace.calls)) == ("passed", 3)
    strict = {**settings, "stop": "all"}
    answers += ["Action: submit"]
    trace = await loop(problem, answers, tmp_path / "b", **strict)
    assert (trace.stopped, len(trace.calls)) == ("rounds", 4)


@pytest.mark.parametrize("level", ["verdict", "tests"])
async def test_the_level_of_feedback_holds_for_what_runs(
    problem: Problem, tmp_path: Path, level: str
) -> None:
    repair = {"strategy": "react", "feedback": level}
    trace, _ = await acted(problem, tmp_path, [fenced("-- a"), "submit"], repair=repair)
    told = trace.calls[-1].messages[0].content
    assert "expected 1" not in told
    assert ("Failing tests:" in told) is (level == "tests")
    assert "it fails" in steps(trace)[-1]


async def test_steps_are_left_out_of_a_prompt_that_does_not_fit(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [f"Thought: {'long ' * 60}", f"Action: submit\n{fenced('-- a')}"]
    whole, _ = await acted(problem, tmp_path / "a", answers)
    model = {"max_tokens": 100, "context": 520}
    trace, _ = await acted(problem, tmp_path / "b", answers, model=model)
    assert "long long" in whole.calls[-1].messages[0].content
    assert "long long" not in trace.calls[-1].messages[0].content
    assert "1 more piece of feedback is left out" in trace.calls[-1].messages[0].content
    assert sources(trace) == ["--", "-- a"]


async def test_a_context_that_is_too_small_leaves_the_program_as_it_is(
    problem: Problem, tmp_path: Path
) -> None:
    model = {"max_tokens": 100, "context": 250}
    trace, _ = await acted(problem, tmp_path, [], model=model)
    assert (trace.calls[1:], len(trace.candidates)) == ((), 1)
    longer = fenced("-- " + "longer " * 200)
    trace, _ = await acted(problem, tmp_path / "b", [longer], model={**model, "context": 450})
    assert len(trace.candidates) == 1
    assert trace.calls[-1].reason == "no prompt fits the model's context"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Action: run", ChosenAction("", "run", "")),
        ("**Action:** `submit`", ChosenAction("", "submit", "`")),
        ("Thought 1: Sort\nthem.\nAction 1: Rewrite", ChosenAction("Sort them.", "rewrite", "")),
        ("- action : [trace] f(1)", ChosenAction("", "trace", "] f(1)")),
        ("ACTION: run\nObservation: all pass\nAction: submit", ChosenAction("", "run", "")),
        ("```\nAction: run\n```", ChosenAction("", "run", "")),
        ("It is wrong.\n\nrun.", ChosenAction("It is wrong.", "run", ".")),
        ("trace f(1)", ChosenAction("", "trace", " f(1)")),
        ("**Submit**", ChosenAction("", "submit", "**")),
        ("Action: run_tests", ChosenAction("", "run", "_tests")),
        ("Run the tests again", ChosenAction("Run the tests again", "", "")),
        ("The next action: unclear", ChosenAction("The next action: unclear", "", "")),
        ("Trace it", ChosenAction("Trace it", "", "")),
        ("running\nrunner", ChosenAction("running runner", "", "")),
        ("Thought: a\n```python\nrun = 1\n```", ChosenAction("a", "", "")),
        ("<think>Action: submit</think>Action: run", ChosenAction("", "run", "")),
        ("", ChosenAction("", "", "")),
    ],
)
def test_an_action_is_labelled_or_alone_on_its_line(text: str, step: ChosenAction) -> None:
    assert read_action(text) == step


@given(st.text(alphabet="Action:runtracesubmit\n `*_#1(", max_size=80) | st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    step = read_action(text)
    assert step.action in ("", "run", "trace", "rewrite", "submit")
    assert len(step.thought) <= 300
    assert "\n" not in step.thought + step.words


@given(
    st.sampled_from(["run", "trace", "rewrite", "submit"]),
    st.text(alphabet=" *_`[-", max_size=6),
    st.from_regex(r"[A-Z][a-z ]{0,40}[.]", fullmatch=True),
)
def test_a_labelled_action_is_found_in_any_dress(verb: str, dress: str, thought: str) -> None:
    text = f"Thought: {thought}\n{dress.replace('-', ' ')}Action: {dress}{verb}"
    assert read_action(text) == ChosenAction(" ".join(thought.split()), verb, "")
