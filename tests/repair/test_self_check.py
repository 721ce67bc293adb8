"""The strategy self_check: the model is told of calls, and never of a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.config import RunConfig
from agent.runner.audit import replay
from agent.types import Problem
from tests.repair.script import fenced, loop

BARE = "def second_largest(values):\n    '''Return the second largest of the values.'''\n"


def settings(**more: Any) -> dict[str, Any]:
    return {"rounds": 1, "repair": {"strategy": "self_check"}, **more}


@pytest.mark.parametrize("level", ["verdict", "tests", "values"])
async def test_the_prompts_do_not_depend_on_what_ran(
    problem: Problem, tmp_path: Path, level: str
) -> None:
    """The programs differ in what they pass alone: it is left out of the text to compare."""
    prompts = []
    for marks in ("--", "+-", "-+"):
        answers = [fenced(marks), "2\n5", fenced("++")]
        repair = {"strategy": "self_check", "feedback": level}
        trace = await loop(problem, answers, tmp_path / marks, **settings(repair=repair))
        told = [message.content for call in trace.calls[1:] for message in call.messages]
        prompts.append("\n".join(told).replace(f"'{marks}'", ""))
    assert prompts[0] == prompts[1] == prompts[2]
    assert "is wrong" not in prompts[0]
    assert all(word not in prompts[0] for word in ("Failing", "expected", "assert", "fails"))
    assert "call.\n\nsecond_largest([3, 1, 2])\nsecond_largest([5, 9])\n" in prompts[0]


async def test_nothing_runs_for_it(problem: Problem, tmp_path: Path) -> None:
    trace = await loop(problem, [fenced("--"), "9", fenced("++")], tmp_path, **settings())
    assert (trace.executions, trace.probes) == (2, ())


async def test_calls_are_left_out_of_a_prompt_that_does_not_fit(tmp_path: Path) -> None:
    values = [*range(100)]
    examples = f">>> second_largest({values})\n    98\n    >>> second_largest([5, 9])\n    5\n"
    prompt = f"{BARE[:-4]}\n\n    {examples}    '''\n"
    problem = Problem(task_id="Own/2", prompt=prompt, entry_point="second_largest")
    model = {"max_tokens": 100, "context": 460}
    answers = [fenced("--"), "9", fenced("-- a")]
    trace = await loop(problem, answers, tmp_path, **settings(model=model))
    shown = trace.calls[1].messages[0].content.split("one line per call.")[1]
    assert "second_largest([5, 9])" in shown
    assert "second_largest([0, 1," not in shown
    config = RunConfig.model_validate(settings(model=model, draft={"n": 1}, tests={"n": 0}))
    assert await replay(trace, config) == []


async def test_without_examples_the_model_chooses_the_calls(tmp_path: Path) -> None:
    problem = Problem(task_id="Own/1", prompt=BARE, entry_point="second_largest")
    tests = "assert second_largest([1, 2]) == 1"
    answers = [fenced("-"), tests, "second_largest([3, 4]) returns 4", fenced("+")]
    trace = await loop(problem, answers, tmp_path, **settings(tests={"n": 1}))
    assert trace.stopped == "passed"
    assert "two calls of your choice" in trace.calls[2].messages[0].content
    assert "[1, 2]" not in trace.calls[2].messages[0].content
