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
from agent.commands.report import main
from agent.errors import RunFolderError
from agent.report.build import build_report
from agent.runner.folder import RunFolder
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
    assert data["headline"]["final"].startswith("66.7 % (2 of 3 scored)")


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
    assert data["missing"][0].startswith("Own/0 is left out: ")
    assert data["missing"][1].startswith("The figures are made again from the traces: ")
    assert data["headline"]["final"].startswith("100.0 % (2 of 2 scored)")


def test_a_folder_that_is_no_run_has_no_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(RunFolderError):
        page_of(tmp_path)
