"""Draws that are handed out by need over a whole run, by the rule that a run itself uses."""

from __future__ import annotations

from collections.abc import Sequence

from agent.config import BudgetConfig, RunConfig
from agent.loop.budget import Spending
from agent.loop.run_budget import Allocation


def budget_of(config: RunConfig, draws: int, **limits: int) -> RunConfig:
    """Return the settings of a run of draws that stop, with a budget by need."""
    changed = {
        "draft": config.draft.model_copy(update={"n": draws}),
        "budget": BudgetConfig.model_validate({"per": "run", "share": "need", **limits}),
    }
    return config.model_copy(update=changed)


def steps_by_need(config: RunConfig, ways: Sequence[Sequence[Spending]]) -> list[int]:
    """Return the number of steps that each problem takes before the budget is used up.

    A way has the spending of a problem after each step that it takes if the budget allows it.
    """
    tasks = {str(i): way for i, way in enumerate(ways)}
    allocation, taken = Allocation(config, tasks), dict.fromkeys(tasks, 0)
    granted = [*tasks]
    while granted:
        for task in granted:
            allocation.add(task, tasks[task][taken[task]])
            taken[task] += 1
        granted = allocation.next_pass(t for t, way in tasks.items() if taken[t] < len(way))
    return [*taken.values()]
