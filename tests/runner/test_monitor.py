"""What `--progress` says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.models.base import no_cache
from agent.models.served.metrics import cache_use
from agent.run import main
from agent.runner import monitor
from agent.runner.monitor import watching
from agent.support.activity import Activity
from agent.types import Completion, Usage
from tests.runner.test_run import recorded
from tests.stub_server import METRICS


def test_engines_are_added_up_and_other_figures_left_alone() -> None:
    assert cache_use(METRICS) == (300.0, 120.0)
    assert cache_use("") == (0, 0)


async def test_a_line_covers_the_time_since_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "SECONDS", 0.02)
    activity, shown = Activity(), list[str]()
    uses = iter([(100.0, 10.0), *[(300.0, 160.0)] * 1000])

    async def cache() -> tuple[float, float]:
        return next(uses)

    async with watching(activity, cache, 2, shown.append):
        with activity.asking(), activity.running(), activity.running(), activity.running():
            activity.answered([Completion(text="a", usage=Usage(completion_tokens=500))])
            await asyncio.sleep(0.1)
    first, last = shown[0], shown[-1]
    assert first.startswith("requests in flight: 1, ")
    assert " 0 tokens/s" not in first
    assert first.endswith("prefix cache 75 % hits, sandbox 2 of 2 slots, 1 waiting")
    assert last.startswith("requests in flight: 0, 0 tokens/s")
    assert last.endswith("sandbox 0 of 2 slots, 0 waiting")


async def test_without_a_cache_none_is_told() -> None:
    shown: list[str] = []
    async with watching(Activity(), no_cache, 2, shown.append):
        pass
    assert len(shown) == 1
    assert "cache" not in shown[0]


def test_a_run_shows_it_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "one")) == 0
    assert "in flight" not in capsys.readouterr().err
    assert main(recorded(tmp_path, "two", "--progress")) == 0
    assert "requests in flight: 0" in capsys.readouterr().err
    config = (tmp_path / "two/config.yaml").read_text()
    assert config == (tmp_path / "one/config.yaml").read_text()
