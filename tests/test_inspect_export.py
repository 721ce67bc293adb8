"""Inspect's logs: read back by Inspect itself if it is at hand, and their counts agree."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from agent.commands.export import main
from agent.extras.export.inspect import export
from agent.report.build import build_report
from agent.runner.folder import RunFolder
from agent.types import SelfCheck, Trace
from tests.experiments.small_traces import One, trace_of, unscored
from tests.experiments.test_compare import folder
from tests.report.test_run_page import repaired

READ = """
import json, sys
from inspect_ai.log import read_eval_log, read_eval_log_sample, read_eval_log_sample_summaries
log = read_eval_log(sys.argv[1])
one = read_eval_log_sample(sys.argv[1], "Own/1", 1)
print(json.dumps({
    "status": log.status,
    "samples": len(log.samples),
    "completed": log.results.completed_samples,
    "accuracy": {s.name: s.metrics["accuracy"].value for s in log.results.scores},
    "right": sum(s.scores["hidden_tests"].value == "C" for s in log.samples if s.scores),
    "summaries": len(read_eval_log_sample_summaries(sys.argv[1])),
    "messages": [m.role for m in one.messages],
    "answer": one.output.completion,
    "tokens": log.stats.model_usage["scripted/a"].total_tokens,
}))
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    scored = [repaired("Own/1"), trace_of(One(True, "+"), task="Own/2")]
    run = folder(tmp_path / "run", [*scored, unscored(trace_of(One(True), task="Own/3"))])
    report = build_report(
        scored, dataset="own", model="scripted/a", sandbox="local", starts=(1.0,), unscored=()
    )
    RunFolder.open(run).write("summary.json", report.model_dump_json())
    out = tmp_path / "run.eval"
    assert main([str(run), "--to", "inspect", "--out", str(out)]) == 0
    return out


def test_a_log_has_a_sample_for_each_problem_and_no_hidden_test(log: Path) -> None:
    with zipfile.ZipFile(log) as file:
        names = file.namelist()
        header = json.loads(file.read("header.json"))
        sample = json.loads(file.read("samples/Own/1_epoch_1.json"))
    assert names[:3] == [f"samples/Own/{i}_epoch_1.json" for i in (1, 2, 3)]
    assert header["results"]["completed_samples"] == 2
    assert sample["target"] == ""
    assert sample["scores"]["hidden_tests"] == {
        "value": "I",
        "explanation": "wrong answer",
        "answer": "def grow(x):\n    return x + 2\n",
    }


def exported(trace: Trace, place: Path) -> dict[str, Any]:
    export([trace], None, place / "run.eval")
    with zipfile.ZipFile(place / "run.eval") as file:
        sample: dict[str, Any] = json.loads(file.read("samples/Own/1_epoch_1.json"))
        return sample


def test_a_patch_is_not_said_to_be_the_models(tmp_path: Path) -> None:
    trace = repaired("Own/1")
    choice = trace.choice.model_copy(update={"candidate": 3})
    sample = exported(trace.model_copy(update={"choice": choice}), tmp_path)
    told = [(one["role"], one.get("source")) for one in sample["messages"]]
    assert told == [("user", None), ("assistant", "generate"), ("assistant", None)]
    assert sample["messages"][2]["content"] == trace.candidates[3].source
    assert sample["metadata"]["patch"] == ["constant"]


def test_an_unjudged_problem_has_no_score(tmp_path: Path) -> None:
    trace = repaired("Own/1")
    assert trace.score is not None
    check = SelfCheck(has_reference=True, failure="timeout")
    score = trace.score.model_copy(update={"check": check})
    sample = exported(trace.model_copy(update={"score": score}), tmp_path)
    assert (sample["scores"], sample["metadata"]["unjudged"]) == ({}, "timeout")


@pytest.mark.inspect
def test_inspect_reads_the_log_and_counts_agree(log: Path) -> None:
    if "INSPECT" not in os.environ:
        pytest.skip("$INSPECT names no Python that has inspect_ai")
    command = [os.environ["INSPECT"], "-c", READ, str(log)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "status": "success",
        "samples": 3,
        "summaries": 3,
        "completed": 2,
        "right": 1,
        "accuracy": {"hidden_tests": 0.5, "single_shot": 0.5},
        "tokens": 122,
        "messages": ["user", "assistant"],
        "answer": "def grow(x):\n    return x + 2\n",
    }
