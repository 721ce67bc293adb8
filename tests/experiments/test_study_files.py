"""Every study that comes with the project runs to its end, rehearsed with the embedded model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.support.data import data_folder
from experiments.studies.arms import STUDIES, read_study
from experiments.studies.plots import PLOTS
from experiments.study import main

pytestmark = pytest.mark.studies
FILES = sorted((data_folder("configs") / Path(STUDIES).name).glob("*.yaml"))
DRAWS = {"samples-qwen3": 50, "selection": 13}
"""Draws of a study whose curve needs them; the others make as few as their arms allow."""

FEW_INPUTS = ["--inputs.mutations", "4", "--inputs.edges", "4"]
SHORTER = {
    "patches": ["--rounds", "1", "--repair.edits", "1", "--draft.n", "2"],
    "repair": ["--rounds", "1", "--draft.n", "2"],
    "feedback": ["--draft.n", "2"],
}
"""Settings of studies with many arms, which would take minutes."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store") / "store.sqlite"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_study_runs_to_its_end_with_tables_and_plots(
    path: Path, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, arms = read_study(path)
    assert study.name == path.stem
    assert study.description
    out = tmp_path / "out"
    draws = DRAWS.get(study.name, min(study.draws, 10))
    words = [str(path), "--rehearse", "--draws", str(draws), "--limit", "10", "--quiet"]
    words += FEW_INPUTS + SHORTER.get(study.name, [])
    where = ["--sandbox", "local", "--store", str(store), "--out", str(out)]
    assert main([*words, *where]) == 0
    capsys.readouterr()
    table = json.loads((out / "table.json").read_text())
    assert {arm["name"] for arm in table["arms"]} == {arm.name for arm in arms}
    assert table["problems"] == 10
    beside = [one for one in study.published if one.draws in (None, study.draws)]
    assert len(table["published"]) == len(beside)
    assert {one.name for one in (out / "plots").glob("*.png")} == {f"{p.name}.png" for p in PLOTS}
    assert (out / "table.md").read_text().startswith(f"# Study: {study.name}")
