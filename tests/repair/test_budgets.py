"""Budgets that end the loop, and replays that end at the same point."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.config import BudgetConfig, RunConfig
from agent.loop import budget
from agent.loop.budget import BudgetMeter, spending_of
from agent.runner.audit import replay
from agent.types import Problem
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Outcome, Status
from tests.repair.script import fenced, loop, one_call


async def test_a_used_up_budget_of_tokens_ends_the_problem(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    free = await loop(problem, answers, tmp_path, rounds=4)
    first_two = sum(call.usage.total for call in free.calls[:2])
    bound = await loop(problem, [], tmp_path, rounds=4, budget={"tokens": first_two})
    assert (bound.stopped, bound.rounds) == ("budget: tokens", 1)
    more = await loop(problem, [], tmp_path, rounds=4, budget={"tokens": first_two + 1})
    assert (more.stopped, more.rounds) == ("budget: tokens", 2)


async def test_a_used_up_budget_of_calls_ends_the_problem(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    trace = await loop(problem, answers, tmp_path, rounds=4, budget={"calls": 3})
    assert (trace.stopped, trace.rounds) == ("budget: calls", 2)


async def test_a_used_up_budget_of_seconds_ends_the_problem(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    trace = await loop(problem, answers, tmp_path, rounds=4, budget={"seconds": 1e-9})
    assert (trace.stopped, trace.rounds) == ("budget: seconds", 0)


async def test_a_budget_ends_the_drafting_too(problem: Problem, tmp_path: Path) -> None:
    draft = {"n": 5, "stop_on_pass": True}
    answers = [fenced(f"-- {i}") for i in range(5)]
    trace = await loop(problem, answers, tmp_path, draft=draft, budget={"calls": 2})
    assert (trace.stopped, len(trace.candidates)) == ("budget: calls", 2)


async def test_a_budget_is_named_only_where_it_ended_something(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    trace = await loop(problem, answers, tmp_path, rounds=1, budget={"calls": 2})
    assert (trace.stopped, trace.rounds) == ("rounds", 1)
    same = Outcome(Status.WRONG_ANSWER, expected="5", actual="6", value="6")
    doubt = FakeSandbox(lambda job: Execution((Outcome(Status.PASSED), same)[: len(job.tests)]))
    drafts: dict[str, Any] = {"draft": {"n": 3}, "budget": {"calls": 3}}
    trace = await loop(problem, answers, tmp_path / "doubt", doubt, rounds=3, **drafts)
    assert (trace.stopped, trace.rounds) == ("suspect", 1)


def at(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=lambda: now))


async def test_the_clock_of_a_problem_starts_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 100)
    each = BudgetMeter(BudgetConfig(seconds=10))
    run = BudgetMeter(BudgetConfig(seconds=10, per="run"))
    at(monkeypatch, 109)
    each.begin("a")
    run.begin("a")
    at(monkeypatch, 111)
    assert await each.ending("a", [], "") == ""
    assert await run.ending("a", [], "") == "budget of the run: seconds"
    at(monkeypatch, 119)
    assert await each.ending("a", [], "") == "budget: seconds"
    assert await each.ending("a", [], "passed") == "passed"


async def test_a_budget_of_the_run_is_spent_by_all_problems_together() -> None:
    run = BudgetMeter(BudgetConfig(tokens=100, per="run"))
    assert await run.ending("a", [one_call(60)], "") == ""
    assert await run.ending("a", [one_call(60)], "") == ""  # a problem's calls are counted once
    assert await run.ending("b", [one_call(40)], "") == "budget of the run: tokens"
    each = BudgetMeter(BudgetConfig(tokens=100))
    assert await each.ending("a", [one_call(99)], "") == ""
    assert await each.ending("b", [one_call(99)], "") == ""


async def test_a_problem_that_ends_by_itself_counts_for_the_others() -> None:
    run = BudgetMeter(BudgetConfig(tokens=100, per="run"))
    assert await run.ending("a", [one_call(60)], "passed") == "passed"
    assert await run.ending("b", [one_call(40)], "") == "budget of the run: tokens"


async def test_samples_are_programs_that_the_model_wrote(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    draft = {"n": 2, "first": "sampled"}
    trace = await loop(problem, answers, tmp_path, draft=draft, rounds=4, budget={"samples": 4})
    assert (trace.stopped, len(trace.candidates)) == ("budget: samples", 4)
    settings = {"draft": draft, "rounds": 4, "tests": {"n": 0}, "budget": {"samples": 4}}
    assert await replay(trace, RunConfig.model_validate(settings)) == []
    assert spending_of(trace.calls).samples == 4
    other = trace.calls[0].model_copy(update={"purpose": "select"})
    assert spending_of((*trace.calls, other)) == spending_of(trace.calls)


async def test_a_replay_ends_where_the_budget_did(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced(f"-- {i}") for i in range(6)]
    settings: dict[str, Any] = {"rounds": 4, "budget": {"calls": 3, "per": "run"}}
    trace = await loop(problem, answers, tmp_path, **settings)
    config = RunConfig.model_validate({"draft": {"n": 1}, "tests": {"n": 0}, **settings})
    assert await replay(trace, config) == []
    for word in ("budget: calls", "budget of the run: tokens", "rounds"):
        assert await replay(trace.model_copy(update={"stopped": word}), config)


async def replayed_as(
    problem: Problem, folder: Path, word: str, **settings: Any
) -> tuple[str, bool]:
    """Run a loop, and return `word` and whether its trace passes the audit with that reason."""
    answers = [fenced(f"-- {i}") for i in range(6)]
    trace = await loop(problem, answers, folder, rounds=4, **settings)
    trace = trace.model_copy(update={"stopped": word})
    fixed = {"rounds": 4, "draft": {"n": 1}, "tests": {"n": 0}}
    return trace.stopped, not await replay(trace, RunConfig.model_validate(fixed | settings))


async def test_a_budget_that_a_trace_can_tell_is_counted_again(
    problem: Problem, tmp_path: Path
) -> None:
    word = "budget: calls"
    assert await replayed_as(problem, tmp_path, word, budget={"calls": 3}) == (word, True)
    # The reason alone is not accepted if the budget was not used up or not set.
    trace = await loop(problem, [], tmp_path, rounds=1)
    trace = trace.model_copy(update={"stopped": word})
    for limits in ({"calls": 30}, {"tokens": 10**6}, {"seconds": 1e6}, {}):
        settings = {"rounds": 4, "draft": {"n": 1}, "tests": {"n": 0}, "budget": limits}
        assert await replay(trace, RunConfig.model_validate(settings))


async def test_of_clocks_and_other_problems_a_trace_is_believed(
    problem: Problem, tmp_path: Path
) -> None:
    short = {"seconds": 1e-9}
    assert await replayed_as(problem, tmp_path, "budget: seconds", budget=short) == (
        "budget: seconds",
        True,
    )
    _, clean = await replayed_as(problem, tmp_path, "budget of the run: seconds", budget=short)
    assert not clean
    # A replay has no clock, and the counts of one trace are not those of the whole run.
    trace = await loop(problem, [fenced("-- a")], tmp_path, rounds=1)
    fixed = {"rounds": 1, "draft": {"n": 1}, "tests": {"n": 0}}
    assert await replay(trace, RunConfig.model_validate({**fixed, "budget": short})) == []
    run = {"tokens": 10**6, "calls": 2, "per": "run"}
    told = trace.model_copy(update={"stopped": "budget of the run: tokens"})
    config = RunConfig.model_validate({**fixed, "rounds": 2, "budget": run})
    assert await replay(told, config) == []


async def test_a_replay_ends_with_the_draft_that_ended_it(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = count()
    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    draft = {"n": 5, "stop_on_pass": True}
    settings: dict[str, Any] = {"draft": draft, "tests": {"n": 0}, "budget": {"seconds": 2.5}}
    trace = await loop(problem, [fenced(f"-- {i}") for i in range(5)], tmp_path, **settings)
    assert (trace.stopped, len(trace.candidates)) == ("budget: seconds", 3)
    assert await replay(trace, RunConfig.model_validate(settings)) == []


async def test_a_replay_ends_with_a_round_that_asked_nothing(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = count()
    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    settings: dict[str, Any] = {
        "rounds": 4,
        "draft": {"n": 2},
        "tests": {"n": 0},
        "budget": {"seconds": 2.5},
        "model": {"max_tokens": 100, "context": 300},
    }
    answers = [fenced("--"), fenced("-- " + 999 * "x"), fenced("-- b")]
    trace = await loop(problem, answers, tmp_path, **settings)
    assert (trace.stopped, trace.rounds, len(trace.calls)) == ("budget: seconds", 2, 3)
    assert await replay(trace, RunConfig.model_validate(settings)) == []


async def test_a_budget_is_not_named_where_there_is_nothing_left_to_repair(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("+-"), fenced("+-")]
    trace = await loop(problem, answers, tmp_path, rounds=3, budget={"calls": 2})
    assert trace.stopped == "nothing to repair"
