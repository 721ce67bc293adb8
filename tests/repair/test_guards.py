"""What holds for every strategy: each guard has a test that fails without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.audit import replay
from agent.budget import BudgetMeter
from agent.config import BudgetConfig, RunConfig
from agent.feedback import FailedTest, Feedback
from agent.graph import State
from agent.observe import Block
from agent.prompts import size, tokens_a_byte
from agent.repair.base import Case, told, told_after
from agent.rounds import fitted, room
from agent.types import Call, Completion, Message, Problem, Sampling, Trace, Usage
from sandbox import open_sandbox
from sandbox.types import SandboxConfig, SandboxUnavailable
from tests.repair.script import fenced, loop, program


def parents(state: State) -> list[int | None]:
    return [candidate.parent for candidate in state["candidates"]]


async def test_an_edit_that_loses_an_example_is_kept_and_not_built_on(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("+-"), fenced("-+ lost"), fenced("+- kept"), fenced("+- more")]
    state = await loop(problem, answers, tmp_path, rounds=3)
    assert parents(state) == [None, 0, 0, 2]
    assert len(state["candidates"]) == 4
    # The parent's prompt, sent again, draws its next answer.
    assert [call.first for call in state["calls"]] == [0, 0, 1, 0]


async def test_an_edit_that_loses_a_generated_test_only_is_built_on(
    problem: Problem, tmp_path: Path
) -> None:
    tests = "assert second_largest([1, 2]) == 1"
    answers = [fenced("+-+"), tests, fenced("+-- a"), fenced("+-- b")]
    state = await loop(problem, answers, tmp_path, rounds=2, tests={"n": 1})
    assert parents(state) == [None, 0, 1]


async def test_the_same_program_twice_ends_a_line(problem: Problem, tmp_path: Path) -> None:
    again = f"```python\n# the same\n{program('+-')}\n```"
    answers = [fenced("+-"), fenced("-- other"), again, fenced("-- third"), fenced("-- fourth")]
    state = await loop(problem, answers, tmp_path, rounds=3, draft={"n": 2})
    # The better program's line ends with its first repair; the other draft is worked on after it.
    assert parents(state) == [None, None, 0, 1, 3]


async def test_a_program_of_another_line_ends_a_line_too(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced("+- a"), fenced("+- b"), fenced("+- b"), fenced("+- c"), fenced("+- d")]
    state = await loop(problem, answers, tmp_path, rounds=3, draft={"n": 2})
    assert parents(state) == [None, None, 0, 1, 3]


async def test_a_repeat_that_is_worse_ends_a_line_too(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced("+-"), fenced("--"), fenced("--"), fenced("-- c")]
    state = await loop(problem, answers, tmp_path, rounds=2, draft={"n": 2})
    assert parents(state) == [None, None, 0, 1]


async def test_every_candidate_of_every_round_stays_in_the_pool(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("-+"), fenced("+- a"), fenced("+- b"), fenced("-- c")]
    state = await loop(problem, answers, tmp_path, rounds=3, selector="first")
    assert len(state["rows"]) == len(state["candidates"]) == 4


async def test_a_used_up_budget_of_tokens_ends_the_problem(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    free = await loop(problem, answers, tmp_path, rounds=4)
    first_two = sum(call.usage.total for call in free["calls"][:2])
    bound = await loop(problem, [], tmp_path, rounds=4, budget={"tokens": first_two})
    assert (bound["stopped"], bound["round"]) == ("budget: tokens", 1)
    more = await loop(problem, [], tmp_path, rounds=4, budget={"tokens": first_two + 1})
    assert (more["stopped"], more["round"]) == ("budget: tokens", 2)


async def test_a_used_up_budget_of_calls_ends_the_problem(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    state = await loop(problem, answers, tmp_path, rounds=4, budget={"calls": 3})
    assert (state["stopped"], state["round"]) == ("budget: calls", 2)


async def test_a_used_up_budget_of_seconds_ends_the_problem(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    state = await loop(problem, answers, tmp_path, rounds=4, budget={"seconds": 1e-9})
    assert (state["stopped"], state["round"]) == ("budget: seconds", 0)


async def test_a_budget_ends_the_drafting_too(problem: Problem, tmp_path: Path) -> None:
    draft = {"n": 5, "stop_on_pass": True}
    answers = [fenced(f"-- {i}") for i in range(5)]
    state = await loop(problem, answers, tmp_path, draft=draft, budget={"calls": 2})
    assert (state["stopped"], len(state["candidates"])) == ("budget: calls", 2)


def one_call(tokens: int) -> Call:
    answer = Completion(text="", usage=Usage(prompt_tokens=tokens, completion_tokens=0))
    return Call(purpose="draft", round=0, messages=(), sampling=Sampling(), completions=(answer,))


def test_a_budget_of_the_run_is_spent_by_all_problems_together() -> None:
    run = BudgetMeter(BudgetConfig(tokens=100, per="run"))
    assert run.spent("a", [one_call(60)]) == ""
    assert run.spent("a", [one_call(60)]) == ""  # a problem's calls are counted once
    assert run.spent("b", [one_call(40)]) == "budget of the run: tokens"
    each = BudgetMeter(BudgetConfig(tokens=100))
    assert each.spent("a", [one_call(99)]) == each.spent("b", [one_call(99)]) == ""


async def test_a_replay_ends_where_the_budget_did(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    settings: dict[str, Any] = {"rounds": 4, "budget": {"calls": 3, "per": "run"}}
    state = await loop(problem, answers, tmp_path, **settings)
    trace = trace_of(problem, state)
    config = RunConfig.model_validate({"draft": {"n": 1}, "tests": {"n": 0}, **settings})
    assert await replay(trace, config) == []
    other = trace.model_copy(update={"stopped": "budget: calls"})
    assert await replay(other, config) == []  # which budget it was, only the clock knows
    longer = trace.model_copy(update={"stopped": "rounds"})
    assert await replay(longer, config)


def trace_of(problem: Problem, state: State) -> Trace:
    names = ("candidates", "tests", "inputs", "rows", "suspects", "probes", "calls", "stopped")
    fields: dict[str, Any] = {name: dict(state)[name] for name in names}
    rest = {"choice": state["choice"], "executions": state["executions"]}
    return Trace(problem=problem, rounds=state["round"], **fields, **rest)


@pytest.mark.parametrize(
    "strategy", ["error_feedback", "reflexion", "resample", "trace", "critique", "rex"]
)
async def test_a_replay_gives_every_strategy_again(
    problem: Problem, tmp_path: Path, strategy: str
) -> None:
    answers = [fenced("+-"), *(fenced(f"{'-+' if i % 2 else '+-'} {i}") for i in range(20))]
    settings: dict[str, Any] = {"rounds": 4, "repair": {"strategy": strategy, "width": 2}}
    settings |= {"draft": {"n": 2, "temperature": 0.7}, "tests": {"n": 0}}
    state = await loop(problem, answers, tmp_path, **settings)
    assert state["round"] == 4
    assert await replay(trace_of(problem, state), RunConfig.model_validate(settings)) == []


CASE = Case(
    problem=Problem(task_id="Own/2", prompt="def f(x):\n", entry_point="f"),
    program="def f(x):\n    return x",
    feedback=Feedback(
        failing=(FailedTest(source="assert f(1) == 2"), FailedTest(source="assert f(2) == 3")),
        passing=("assert f(0) == 0", "assert f('') == ''"),
    ),
    notes=("the oldest note " * 9, "a newer note"),
    blocks=(
        Block(number=0, lines=("a = 1",), values=("a = 1",)),
        Block(number=1, lines=("return a",), values=()),
    ),
)


def test_feedback_is_left_out_from_the_oldest_on() -> None:
    order, case = [], CASE
    while (less := case.shorter()) is not None:
        gone = [name for name in ("notes", "blocks") if getattr(less, name) != getattr(case, name)]
        order += gone or [
            name
            for name in ("passing", "failing")
            if getattr(less.feedback, name) != getattr(case.feedback, name)
        ]
        case = less
    assert order == ["notes", "notes", "blocks", "blocks", "passing", "passing", "failing"]
    assert CASE.shorter() == replace(CASE, notes=("a newer note",), left_out=1)
    assert case.feedback == Feedback(failing=CASE.feedback.failing[:1])
    assert case.left_out == 7


def test_a_prompt_that_does_not_fit_is_shortened_and_says_so() -> None:
    tell = told("reflexion/write")
    whole = tell(CASE)
    assert fitted(CASE, tell, None) == whole
    assert fitted(CASE, tell, size(whole)) == whole
    less = fitted(CASE, tell, size(whole) - 1)
    assert "the oldest note" not in less[0].content
    assert "(For length, 1 more piece of feedback is left out.)" in less[0].content
    least = fitted(CASE, tell, 1)[0].content
    assert "assert f(1) == 2" in least
    assert "7 more pieces of feedback are left out" in least


def test_every_template_of_feedback_says_what_is_left_out() -> None:
    for name in ("error_feedback", "rex", "critique", "trace"):
        assert "left out" in fitted(CASE, told(f"{name}/fix"), 1)[0].content
    assert "left out" in fitted(CASE, told("replan/plan"), 1)[0].content
    assert "left out" in fitted(CASE, told("explain/explain"), 1)[0].content


async def test_the_context_of_the_model_decides_how_long_a_prompt_is(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("--"), fenced("-- a")]
    model = {"max_tokens": 100, "context": 201}
    state = await loop(problem, answers, tmp_path, rounds=1, model=model)
    assert "left out" in state["calls"][1].messages[0].content
    free = await loop(problem, answers[1:], tmp_path, rounds=1, model={"max_tokens": 100})
    assert "left out" not in free["calls"][1].messages[0].content


def test_what_a_model_said_is_cut_and_without_its_thinking_in_the_next_prompt() -> None:
    answer = Completion(text="<think>secret</think>" + 5_000 * "x")
    chat = told_after(told("explain/explain"), answer, "explain/fix")(CASE)
    assert [message.role for message in chat] == ["user", "assistant", "user"]
    assert len(chat[1].content) < 2_010
    assert "secret" not in chat[1].content


def test_the_answer_has_its_room_in_the_context() -> None:
    config = RunConfig.model_validate({"model": {"max_tokens": 100, "context": 350}})
    assert room(config, []) == pytest.approx(750)
    assert room(RunConfig(), []) is None


def test_what_a_byte_costs_is_learnt_from_the_requests_before() -> None:
    config = RunConfig.model_validate({"model": {"max_tokens": 100, "context": 350}})
    dear = one_call(60).model_copy(update={"messages": (Message(role="user", content="x" * 100),)})
    cheap = dear.model_copy(update={"messages": (Message(role="user", content="x" * 600),)})
    assert tokens_a_byte([cheap, dear, cheap]) == 0.6
    assert tokens_a_byte([cheap]) == tokens_a_byte([]) == 1 / 3
    assert room(config, [dear]) == pytest.approx(250 / 0.6)


async def test_reflections_are_kept_along_a_line_and_nowhere_else(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [
        *(fenced("+-"), fenced("-- other")),
        *("of the first", fenced("+- a"), "of the second draft", fenced("-- b")),
        *("later", fenced("+- c"), "later still", fenced("-- d")),
    ]
    state = await loop(
        problem,
        answers,
        tmp_path,
        rounds=2,
        draft={"n": 2},
        repair={"strategy": "reflexion", "width": 2},
    )
    last = [call.messages[0].content for call in state["calls"] if call.round == 2]
    assert [("of the first" in text, "of the second" in text) for text in last] == [
        *((True, False), (True, False)),
        *((False, True), (False, True)),
    ]


async def test_a_trace_is_recorded_in_the_sandbox(problem: Problem, tmp_path: Path) -> None:
    wrong = "```python\ndef second_largest(values):\n    top = max(values)\n    return top\n```"
    try:
        async with open_sandbox(SandboxConfig(backend="local", slots=1)) as sandbox:
            state = await loop(
                problem,
                [wrong, wrong],
                tmp_path,
                sandbox,
                rounds=1,
                repair={"strategy": "trace"},
            )
    except SandboxUnavailable as error:
        pytest.skip(f"no local sandbox here: {error}")
    told_of = state["calls"][1].messages[0].content
    assert "[block 1]\ntop = max(values)\nreturn top\n# " in told_of
    assert {"# values = [3, 1, 2]", "# top = 3", "# returns 3"} <= set(told_of.splitlines())
    assert len(state["probes"]) == 1
    assert state["executions"] == 3
