"""The use of model and sandbox during a run, in words."""

from __future__ import annotations

import asyncio
import time

import pytest

from agent.models.base import CacheUse, WaitsUntil, no_cache, no_wait
from agent.models.served.metrics import cache_use
from agent.runner import monitor
from agent.runner.monitor import Monitor, monitoring
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


async def lines_with(
    cache: CacheUse, activity: Activity, number: int, waits_until: WaitsUntil = no_wait
) -> list[str]:
    watched = Monitor(activity, cache, 2, waits_until)
    await watched.begin()
    return [await watched.line() for _ in range(number)]


async def test_a_count_of_the_cache_that_went_down_begins_anew() -> None:
    uses = iter([(100.0, 50.0), (200.0, 100.0), (10.0, 5.0), (20.0, 15.0), None, (30.0, 25.0)])

    async def cache() -> tuple[float, float] | None:
        return next(uses)

    lines = await lines_with(cache, Activity(), 5)
    found = [line.partition("prefix cache ")[2].partition(" %")[0] for line in lines]
    assert found == ["50", "50", "54", "", "58"]


async def test_a_restart_that_only_the_hits_show_begins_anew_too() -> None:
    uses = iter([(100.0, 90.0), (150.0, 15.0)])

    async def cache() -> tuple[float, float] | None:
        return next(uses)

    (line,) = await lines_with(cache, Activity(), 1)
    assert "prefix cache 10 % hits" in line


async def test_the_number_of_waiting_programs_is_never_negative() -> None:
    activity = Activity(programs=3)

    async def cache() -> tuple[float, float] | None:
        activity.programs -= 1  # a program ends while the server is asked
        return None

    lines = await lines_with(cache, activity, 2)
    assert [line.rpartition(", sandbox ")[2] for line in lines] == [
        "1 of 2 slots, 0 waiting",
        "0 of 2 slots, 0 waiting",
    ]


async def test_a_wait_for_a_server_takes_the_place_of_the_rate_and_does_not_change() -> None:
    end = time.monotonic() + 100
    waits = iter([None, end, end, end, None])
    lines = await lines_with(no_cache, Activity(), 5, lambda: next(waits))
    assert ["tokens/s" in line for line in lines] == [True, False, False, False, True]
    assert len({*lines[1:4]}) == 1
    assert f"0 tokens, {monitor.WAITING} until " in lines[1]
