"""Runs of the strategies that act, search or predict, with the embedded backend: audited."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.audit import main as audit
from agent.run import main
from agent.runner.folder import RunFolder
from agent.support.data import ROOT

DATASET = str(ROOT / "tests" / "runs" / "version1" / "problems.jsonl")


@pytest.mark.parametrize("strategy", ["mcts", "react", "self_check"])
def test_a_run_with_the_embedded_backend_is_clean(tmp_path: Path, strategy: str) -> None:
    fixed = ["--model", "embedded", "--sandbox", "local", "--dataset", DATASET, "-q"]
    small = ["--draft.n", "2", "--rounds", "2", "--repair.strategy", strategy]
    places = ["--store", str(tmp_path / "store.sqlite"), "--out", str(tmp_path / "run")]
    assert main([*fixed, *small, *places]) == 0
    traces = RunFolder.open(tmp_path / "run").traces()
    assert any(call.purpose == strategy for trace in traces for call in trace.calls)
    assert audit([str(tmp_path / "run")]) == 0
