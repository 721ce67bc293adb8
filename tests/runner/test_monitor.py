"""The use of model and sandbox during a run, in words."""

from __future__ import annotations

import asyncio

import pytest

from agent.models.base import no_cache
from agent.models.served.metrics import cache_use
from agent.runner import monitor
from agent.runner.monitor import monitoring
from agent.support.activity import Activity
from agent.types import Completion, Usage
from tests.stub_server import METRICS


def test_cache_figures_of_all_engines_are_summed() -> None:
    assert cache_use(METRICS) == (300.0, 120.0)
    assert cache_use("") == (0, 0)


async def test_a_line_covers_the_time_since_the_previous_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(monitor, "SECONDS", 0.02)
    activity, shown = Activity(), list[str]()
    uses = iter([(100.0, 10.0), *[(300.0, 160.0)] * 1000])

    async def cache() -> tuple[float, float]:
        return next(uses)

    async with monitoring(activity, cache, 2, shown.append):
        await asyncio.sleep(0.01)  # the first line is shown at once
        with activity.asking(), activity.running(), activity.running(), activity.running():
            activity.answered([Completion(text="a", usage=Usage(completion_tokens=500))])
            await asyncio.sleep(0.1)
    first, second, last = shown[0], shown[1], shown[-1]
    assert first.startswith("0 tokens, 0 tokens/s, requests in flight: 0, ")
    assert second.startswith("500 tokens, ")
    assert " 0 tokens/s, requests in flight: 1, " not in second
    assert second.endswith("prefix cache 75 % hits, sandbox 2 of 2 slots, 1 waiting")
    assert last.startswith("500 tokens, 0 tokens/s, requests in flight: 0")
    assert last.endswith("sandbox 0 of 2 slots, 0 waiting")


async def test_without_a_cache_no_cache_figure_is_shown() -> None:
    shown: list[str] = []
    async with monitoring(Activity(), no_cache, 2, shown.append):
        pass
    assert shown
    assert "cache" not in shown[0]
