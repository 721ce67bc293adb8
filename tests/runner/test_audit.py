"""The audit of a trace: it is clean only if it follows from public inputs."""

from __future__ import annotations

from typing import Any

import pytest

from agent.config import RunConfig
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.loop.graph import run_graph
from agent.models.scripted import ScriptedModel
from agent.runner.audit import audit_trace, hidden_lines_told
from agent.types import Problem, Trace, VisibleTest
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Outcome, Status

HIDDEN = "def check(candidate):\n    assert candidate([9, 8, 7]) == 8\ncheck(second_largest)\n"
CONFIG = RunConfig.model_validate({"draft": {"n": 1}, "tests": {"n": 0}, "rounds": 1})


def failing(job: Job) -> Execution:
    return Execution(tuple(Outcome(Status.WRONG_ANSWER, "2", "3") for _ in job.tests))


async def run(problem: Problem, config: RunConfig) -> Trace:
    answers = [f"def second_largest(values):\n    return {i}" for i in range(2)]
    context = LoopContext(
        model=ScriptedModel(answers),
        sandbox=FakeSandbox(failing),
        config=config,
        meter=BudgetMeter(config.budget),
    )
    return await run_graph(problem, context)


@pytest.fixture
async def trace(problem: Problem) -> Trace:
    return await run(problem, CONFIG)


def with_longer_prompt(trace: Trace, text: str) -> Trace:
    """Return the trace with `text` added to the repair's prompt."""
    draft, repair = trace.calls
    message = repair.messages[0]
    longer = message.model_copy(update={"content": message.content + text})
    return changed(trace, calls=(draft, repair.model_copy(update={"messages": (longer,)})))


def changed(trace: Trace, **fields: Any) -> Trace:
    return trace.model_copy(update=fields)


async def audit(trace: Trace, problem: Problem) -> str:
    return "; ".join(await audit_trace(trace, problem, HIDDEN, CONFIG))


async def test_an_honest_trace_is_clean(trace: Trace, problem: Problem) -> None:
    assert len(trace.candidates) == 2
    assert await audit(trace, problem) == ""


async def test_a_trace_read_from_its_json_is_equal_and_clean(
    trace: Trace, problem: Problem
) -> None:
    again = Trace.model_validate_json(trace.model_dump_json())
    assert again == trace
    assert await audit(again, problem) == ""


@pytest.mark.parametrize("first", ["greedy", "sampled"])
@pytest.mark.parametrize("stop_on_pass", [True, False])
async def test_a_time_that_ended_the_loop_ends_its_replay(
    first: str, stop_on_pass: bool, problem: Problem
) -> None:
    draft = {"n": 2, "first": first, "stop_on_pass": stop_on_pass}
    settings = {"draft": draft, "tests": {"n": 0}, "budget": {"seconds": 1e-6}}
    config = RunConfig.model_validate(settings)
    ended = await run(problem, config)
    assert (ended.stopped, ended.rounds) == ("budget: seconds", 0)
    assert await audit_trace(ended, problem, HIDDEN, config) == []


async def test_inputs_that_no_selector_asked_for_are_those_of_an_earlier_version(
    trace: Trace, problem: Problem
) -> None:
    config = CONFIG.model_copy(update={"selector": "first"})
    unasked = await run(problem, config)
    assert unasked.inputs == ()
    for inputs in ((), trace.inputs):
        made = changed(unasked, inputs=inputs)
        assert await audit_trace(made, problem, HIDDEN, config) == []
    missing = changed(trace, inputs=trace.inputs[1:])
    assert "inputs: differs in the replay" in await audit(missing, problem)


async def test_a_hidden_line_in_a_prompt_is_found(trace: Trace, problem: Problem) -> None:
    leaky = with_longer_prompt(trace, "\nassert candidate([9, 8, 7]) == 8")
    found = await audit(leaky, problem)
    assert "a prompt has a line of the hidden test: assert candidate([9, 8, 7]) == 8" in found
    assert "the replay needs data that the trace does not hold" in found


async def test_a_line_of_the_reference_in_a_prompt_is_found(trace: Trace, problem: Problem) -> None:
    reference = f"{problem.prompt}    return sorted(values)[-2]\n"
    leaky = with_longer_prompt(trace, "\n    return sorted(values)[-2]")
    found = await audit_trace(leaky, problem, HIDDEN, CONFIG, reference)
    assert "a prompt has a line of the reference solution: return sorted(values)[-2]" in found
    assert await audit_trace(trace, problem, HIDDEN, CONFIG, reference) == []


async def test_any_other_added_text_in_a_prompt_is_found(trace: Trace, problem: Problem) -> None:
    longer = with_longer_prompt(trace, "\nHint: sort first.")
    assert "does not hold" in await audit(longer, problem)


async def test_a_visible_test_of_unknown_origin_is_found(trace: Trace, problem: Problem) -> None:
    planted = VisibleTest(
        source="assert second_largest([9, 8, 7]) == 8", origin="docstring", form=""
    )
    assert await audit(changed(trace, tests=(*trace.tests, planted)), problem)


async def test_a_choice_that_the_selector_does_not_make_is_found(
    trace: Trace, problem: Problem
) -> None:
    other = trace.choice.model_copy(update={"candidate": 1 - trace.choice.candidate})
    assert await audit(changed(trace, choice=other), problem) == "choice: differs in the replay"


async def test_a_changed_problem_is_found(trace: Trace, problem: Problem) -> None:
    other = problem.model_copy(update={"prompt": problem.prompt + "# 8"})
    assert await audit(trace, other) == "its problem differs from the dataset's"


def test_a_line_that_the_model_wrote_itself_is_not_a_leak(trace: Trace) -> None:
    hidden = "    return 0\n" + "def second_largest(values):\n"
    assert list(hidden_lines_told(trace, hidden)) == []
