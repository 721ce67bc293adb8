"""Patches in the loop: when they are searched, what they end, and how they are replayed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent.config import RunConfig
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.loop.graph import run_graph
from agent.models.scripted import ScriptedModel
from agent.models.store import Store
from agent.models.stored import StoredModel
from agent.runner.audit import replay
from agent.types import Problem, Trace
from sandbox import SandboxConfig, open_sandbox
from sandbox.base import Sandbox
from tests.repair.patches.cases import NEAR, PROMPT, RIGHT, TALLY

FIXED: dict[str, Any] = {"draft": {"n": 1, "first": "sampled"}, "tests": {"n": 0}, "rounds": 2}
WEAK = Problem(
    task_id="Own/weak",
    prompt=PROMPT.replace("    >>> tally([7, 7], 8)\n    0\n", ""),
    entry_point="tally",
)
HOPELESS = "def tally(values, least):\n    return 'no idea ' * 3 + str(values) * 7\n"


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with open_sandbox(SandboxConfig(backend="local", slots=2)) as box:
        yield box


async def solved(
    box: Sandbox, folder: Path, problem: Problem, programs: Sequence[str], **settings: Any
) -> Trace:
    """Run the loop on the model's programs; its replay must give the same trace."""
    config = RunConfig.model_validate(FIXED | settings)
    answers = [f"```python\n{program}```" for program in programs]
    with closing(Store(folder / "store.sqlite")) as store:
        model = StoredModel(ScriptedModel(answers), [store])
        context = LoopContext(model, box, config, BudgetMeter(config.budget))
        trace = await run_graph(problem, context)
    assert Trace.model_validate_json(trace.model_dump_json()) == trace
    assert await replay(trace, config) == []
    return trace


async def test_a_patch_ends_the_rounds_without_the_model(box: Sandbox, tmp_path: Path) -> None:
    trace = await solved(box, tmp_path, TALLY, [NEAR])
    assert (trace.stopped, trace.rounds) == ("passed", 0)
    answer = trace.candidates[trace.choice.candidate]
    assert (answer.origin, answer.parent) == ("patch", 0)
    assert answer.usage.total == 0
    assert trace.unpatched is not None
    assert trace.unpatched.candidate == 0
    assert trace.variants > 10
    assert trace.patch_seconds > 0


async def test_a_weak_patch_does_not_end_the_rounds(box: Sandbox, tmp_path: Path) -> None:
    """And ranks below a program of the model that passes as much."""
    trace = await solved(box, tmp_path, WEAK, [NEAR, RIGHT])
    patches = [c.id for c in trace.candidates if c.patch is not None]
    assert patches
    assert trace.candidates[patches[0]].is_weak_patch
    assert (trace.stopped, trace.rounds) == ("passed", 1)
    assert trace.candidates[trace.choice.candidate].source.strip() == RIGHT.strip()
    assert trace.choice.candidate not in patches


async def test_a_weak_patch_is_the_answer_if_nothing_else_passes(
    box: Sandbox, tmp_path: Path
) -> None:
    trace = await solved(box, tmp_path, WEAK, [NEAR, HOPELESS, HOPELESS])
    assert trace.candidates[trace.choice.candidate].is_weak_patch
    assert {call.parent for call in trace.calls if call.parent is not None} == {0}


async def test_what_a_round_adds_is_searched_too(box: Sandbox, tmp_path: Path) -> None:
    trace = await solved(box, tmp_path, TALLY, [HOPELESS, NEAR], rounds=1)
    answer = trace.candidates[trace.choice.candidate]
    assert (answer.round, answer.parent, answer.origin) == (1, 1, "patch")
    assert (trace.stopped, trace.rounds) == ("passed", 1)


@pytest.mark.parametrize("settings", [{"rounds": 0}, {"repair": {"patch": "off"}, "rounds": 1}])
async def test_no_search_without_rounds_or_if_it_is_off(
    box: Sandbox, tmp_path: Path, settings: dict[str, Any]
) -> None:
    trace = await solved(box, tmp_path, TALLY, [NEAR, HOPELESS], **settings)
    assert trace.screens == ()
    assert "screens" not in trace.model_dump_json()


async def test_the_strategy_patch_asks_no_model(box: Sandbox, tmp_path: Path) -> None:
    repair = {"strategy": "patch", "patch": "off"}
    trace = await solved(box, tmp_path, TALLY, [NEAR], repair=repair)
    assert trace.stopped == "passed"
    trace = await solved(box, tmp_path, WEAK, [NEAR], repair=repair)
    assert trace.stopped == "nothing to repair"
    assert trace.candidates[trace.choice.candidate].is_weak_patch
    assert {call.purpose for call in trace.calls} == {"draft"}


async def test_drafts_that_stop_on_a_pass_are_all_drawn_before(
    box: Sandbox, tmp_path: Path
) -> None:
    draft = {"n": 2, "first": "sampled", "stop_on_pass": True}
    trace = await solved(box, tmp_path, TALLY, [NEAR, HOPELESS], draft=draft)
    assert [c.origin for c in trace.candidates[:3]] == ["draft", "draft", "patch"]


async def test_a_budget_that_ends_the_drafts_leaves_the_search(
    box: Sandbox, tmp_path: Path
) -> None:
    draft = {"n": 9, "first": "sampled", "stop_on_pass": True}
    trace = await solved(box, tmp_path, TALLY, [NEAR], draft=draft, budget={"samples": 1})
    assert trace.stopped == "budget: samples"
    assert trace.chosen.patch is not None
    assert trace.screens


async def test_an_altered_record_is_found(box: Sandbox, tmp_path: Path) -> None:
    trace = await solved(box, tmp_path, TALLY, [NEAR])
    config = RunConfig.model_validate(FIXED)
    (first, *rest) = trace.screens
    bent = first.model_copy(update={"results": first.results.replace("+", "-")})
    assert await replay(trace.model_copy(update={"screens": (bent, *rest)}), config)
    assert await replay(trace.model_copy(update={"screens": ()}), config)
    other = RunConfig.model_validate({**FIXED, "repair": {"patch": "off"}})
    assert await replay(trace, other)
