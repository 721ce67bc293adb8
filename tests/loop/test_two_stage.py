"""Drafts that follow a plan each: two requests, both recorded, counted, stored and audited."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from agent.config import RunConfig
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.loop.graph import run_graph
from agent.models.scripted import ScriptedModel
from agent.models.store import Store
from agent.models.stored import StoredModel
from agent.runner.audit import audit_trace
from agent.types import Completion, Message, Problem, Sampling, Trace, Usage
from sandbox.fake import FakeSandbox
from tests.repair.script import fenced, program, verdicts

PLAN = {"prompt": {"name": "two_stage"}}


class Planner(ScriptedModel):
    """Gives the plans in order, and to each plan programs that name it, one per sample."""

    def __init__(self, plans: Sequence[str], marks: str = "--"):
        super().__init__(plans)
        self.marks = marks
        self.how: list[tuple[str, float, int]] = []

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        is_plan = len(messages) == 1
        plan = "" if is_plan else messages[1].content
        self.how.append((plan, sampling.temperature, n))
        if is_plan:
            return await super().complete(messages, n, sampling)
        texts = [fenced(f"{self.marks} {plan} {sampling.seed + i}") for i in range(n)]
        usage = Usage(prompt_tokens=100, completion_tokens=10)
        return [Completion(text=text, usage=usage) for text in texts]


async def run(problem: Problem, model: Planner, folder: Path, **settings: Any) -> Trace:
    given = {"draft": {"n": 4, **PLAN}, "tests": {"n": 0}, "rounds": 0, **settings}
    config = RunConfig.model_validate(given)
    with closing(Store(folder / "store.sqlite")) as store:
        stored = StoredModel(model, [store])
        context = LoopContext(stored, FakeSandbox(verdicts), config, BudgetMeter(config.budget))
        trace = await run_graph(problem, context)
    assert await audit_trace(trace, problem, "", config) == []
    return trace


def notes(trace: Trace) -> list[str]:
    return [candidate.source.split("'")[1] for candidate in trace.candidates]


async def test_each_draft_follows_its_own_plan(problem: Problem, tmp_path: Path) -> None:
    model = Planner(["p0", "p1", "p2", "p1"])
    draft = {"n": 4, "first": "greedy", **PLAN}
    trace = await run(problem, model, tmp_path, draft=draft)
    assert notes(trace) == ["-- p0 0", "-- p1 1", "-- p2 1", "-- p1 2"]
    assert [(c.purpose, c.first, len(c.completions)) for c in trace.calls] == [
        *(("plan", 0, 1), ("draft", 0, 1)),
        *(("plan", 0, 3), ("draft", 0, 1), ("draft", 0, 1), ("draft", 1, 1)),
    ]
    assert sorted(model.how) == [
        *(("", 0.0, 1), ("", 0.8, 3)),
        *(("p0", 0.0, 1), ("p1", 0.8, 2), ("p2", 0.8, 1)),
    ]
    assert trace.greedy_drafts == 1
    timings = {timing.call: timing for timing in trace.timeline}
    starts = [timings[i].start for i in range(len(trace.calls))]
    assert starts[3] == starts[5]  # both programs of plan p1, of one request
    assert len(set(starts)) == 5
    plan = trace.calls[0].completions[0].usage
    assert trace.candidates[0].usage == plan + Usage(prompt_tokens=100, completion_tokens=10)


async def test_a_second_run_asks_nothing_again(problem: Problem, tmp_path: Path) -> None:
    first = await run(problem, Planner(["p0", "p1", "p1", "p2"]), tmp_path)
    again = Planner([])
    second = await run(problem, again, tmp_path)
    assert again.how == []
    assert second.calls == first.calls
    assert notes(second) == notes(first)


async def test_drafts_one_at_a_time_repeat_no_program_of_an_equal_plan(
    problem: Problem, tmp_path: Path
) -> None:
    model = Planner(["p0", "p1", "p1", "p1"])
    draft = {"n": 4, "first": "greedy", "stop_on_pass": True, **PLAN}
    trace = await run(problem, model, tmp_path, draft=draft)
    assert notes(trace) == ["-- p0 0", "-- p1 1", "-- p1 2", "-- p1 3"]
    assert [call.first for call in trace.calls if call.purpose == "plan"] == [0, 0, 1, 2]


async def test_both_requests_count_in_the_budget(problem: Problem, tmp_path: Path) -> None:
    draft = {"n": 1, "first": "sampled", **PLAN}
    settings: dict[str, Any] = {"rounds": 3, "draft": draft, "budget": {"calls": 2}}
    trace = await run(problem, Planner(["p0"]), tmp_path, **settings)
    assert (trace.stopped, len(trace.calls)) == ("budget: calls", 2)


async def test_a_fresh_draw_has_a_fresh_plan(problem: Problem, tmp_path: Path) -> None:
    model = Planner(["p0", "p0", "p1"])
    settings: dict[str, Any] = {"rounds": 2, "repair": {"strategy": "resample"}}
    draft = {"n": 1, "first": "sampled", **PLAN}
    trace = await run(problem, model, tmp_path, draft=draft, **settings)
    assert notes(trace) == ["-- p0 0", "-- p0 1", "-- p1 0"]
    steps = [(call.purpose, call.step, call.first) for call in trace.calls]
    assert steps == [
        *(("plan", "", 0), ("draft", "", 0)),
        *(("resample", "plan", 1), ("resample", "", 1)),
        *(("resample", "plan", 2), ("resample", "", 0)),
    ]
    assert program("-- p1 0") in trace.candidates[2].source
    assert trace.candidates[2].usage.prompt_tokens > 100
