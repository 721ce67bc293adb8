"""The page of a run that is unfinished, damaged or older: of what is there, and what is missing."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from agent import page_of
from agent.commands.export import main as export
from agent.commands.report import main
from agent.errors import RunFolderError
from agent.report.build import build_report
from agent.runner.folder import RunFolder
from experiments.compare import main as compare
from tests.experiments.small_traces import One, trace_of, unscored
from tests.experiments.test_compare import folder


def data_of(run: Path) -> Any:
    """Return the data of a written page."""
    found = re.search(
        r'<template id="run-data">(.+?)</template>', (run / "report.html").read_text()
    )
    assert found is not None
    return json.loads(zlib.decompress(base64.b64decode(found[1])))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    traces = [trace_of(One(i > 0, "+"), task=f"Own/{i}") for i in range(3)]
    made = folder(tmp_path / "run", traces)
    report = build_report(
        traces, dataset="own", model="a", sandbox="local", starts=(1.0,), unscored=()
    )
    RunFolder.open(made).write("summary.json", report.model_dump_json())
    return made


def test_a_finished_run_lacks_nothing(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run)]) == 0
    assert capsys.readouterr().out == f"{run}/report.html\n"
    data = data_of(run)
    assert (data["missing"], len(data["problems"])) == (
        ["The run is of format 1, and lacks what later ones have."],
        3,
    )
    assert final_of(data).startswith("66.7 % (2 of 3 scored)")


def test_an_unfinished_run_shows_what_is_there(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "summary.json").unlink()
    (run / "traces" / "Own_2.json").unlink()
    RunFolder.open(run).write_trace(unscored(trace_of(One(True, "+"), task="Own/1")))
    assert main([str(run)]) == 0
    capsys.readouterr()
    data = data_of(run)
    assert data["missing"][0] == "The run is not finished: 2 of its 3 problems are here."
    assert [one["final"] for one in data["problems"]] == ["wrong answer", "not scored yet"]
    assert data["headline"]["total"] == 1
    figures = {label: value for label, value, _ in data["figures"]}
    manifest = RunFolder.open(run).manifest()
    assert figures["model"] == manifest["model"]
    assert "wall time" not in figures


def test_what_is_damaged_is_left_out_and_named(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "summary.json").write_text("{")
    (run / "traces" / "Own_0.json").write_text("{")
    assert main([str(run)]) == 0
    capsys.readouterr()
    data = data_of(run)
    assert data["missing"][0].startswith("The figures are made again from the traces: ")
    assert data["missing"][1].startswith("Own/0 is left out: ")
    assert final_of(data).startswith("100.0 % (2 of 2 scored)")


def final_of(data: dict[str, Any]) -> str:
    (value,) = [value for label, value, _ in data["figures"] if label == "final pass@1"]
    return str(value)


def test_traces_that_are_gone_are_named(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "traces" / "Own_1.json").unlink()
    assert main([str(run)]) == 0
    capsys.readouterr()
    (line, _) = data_of(run)["missing"]
    assert line.startswith("The traces of 1 of the run's problems are missing (Own/1)")


def test_a_run_without_a_manifest_is_shown_by_its_traces(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in (None, "{", '{"model": "a"}'):
        (run / "manifest.json").unlink(missing_ok=True)
        if text is not None:
            (run / "manifest.json").write_text(text)
        assert main([str(run)]) == 0
        data = data_of(run)
        assert data["missing"][0].startswith("The run's manifest cannot be read: ")
        assert [one["id"] for one in data["problems"]] == ["Own/0", "Own/1", "Own/2"]
        assert export([str(run), "--to", "csv", "--out", str(tmp_path / "run.csv")]) == 0
        assert "manifest cannot be read" in capsys.readouterr().err


TORN: dict[str, dict[str, Any]] = {
    "problem": {"problem": {"task_id": "Own/9", "prompt": "", "entry_point": "f"}},
    "candidates": {"candidates": [{"id": 4, "source": ""}]},
    "candidates: parent": {"candidates": [{"id": 0, "source": "", "parent": 0}]},
    "choice": {"choice": {"candidate": 7, "selector": "first", "reasons": []}},
    "rows": {"rows": [{"candidate": 7, "outcomes": []}]},
    "suspects": {"suspects": [{"test": 7, "value": "1", "agreed": 3, "asked": 3}]},
    "timeline": {"timeline": [{"name": "call", "start": 0, "seconds": 0, "call": 7}]},
    "score": {"score": {"passed": [], "outcomes": []}},
}


@pytest.mark.parametrize("part", TORN)
def test_a_trace_whose_parts_do_not_fit_is_left_out(
    run: Path, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run / "traces" / "Own_0.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | TORN[part]))
    assert main([str(run)]) == 0
    capsys.readouterr()
    (line,) = [one for one in data_of(run)["missing"] if one.startswith("Own/0 is left out")]
    assert line.endswith(f"not a trace of Own/0: its {part!r} does not fit")
    assert compare([str(run), str(run)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_that_is_no_run_has_no_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(RunFolderError):
        page_of(tmp_path)
