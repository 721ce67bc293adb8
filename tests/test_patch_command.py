"""`codeloop patch`: samples with their patches, which selection and scoring read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.commands import patch
from agent.datasets.samples import read_samples
from agent.errors import DatasetError
from agent.select import main as select
from tests.repair.patches.cases import NEAR, RIGHT, TALLY

TEST = "def check(candidate):\n    assert candidate([4, 4], 4) == 2\n"
RECORD = {**TALLY.model_dump(), "test": TEST, "canonical_solution": RIGHT.partition("\n")[2]}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = tmp_path / "problems.jsonl"
    path.write_text(json.dumps(RECORD) + "\n")
    return path


def written(folder: Path, *programs: str) -> Path:
    path = folder / "samples.jsonl"
    lines = ({"task_id": TALLY.task_id, "solution": program} for program in programs)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_samples_get_patches_that_selection_prefers(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples, out = written(tmp_path, NEAR, "def tally(a, b): return a"), tmp_path / "patched.jsonl"
    common = ["--dataset", str(dataset), "--sandbox.backend", "local"]
    assert patch.main([str(samples), *common, "--out", str(out), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["problems"], figures["searched"], figures["patched"]) == (1, 1, 1)
    assert figures["weak"] == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["solution"] for line in lines[:2]] == [NEAR, "def tally(a, b): return a"]
    assert lines[2]["parent"] == 0
    assert lines[2]["patch"]["kinds"] == ["comparison"]
    assert len(lines) == 2 + figures["patches"]
    assert select(["--samples", str(out), *common, "--score", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pass@1"]["returned"] == 1.0
    again = tmp_path / "again.jsonl"
    assert patch.main([str(samples), *common, "--out", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()
    assert "1 of 1 problems searched, 1 patched (0 weakly)" in capsys.readouterr().out


def test_samples_that_pass_are_left_as_they_are(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples, out = written(tmp_path, NEAR, RIGHT), tmp_path / "patched.jsonl"
    common = ["--dataset", str(dataset), "--sandbox.backend", "local"]
    assert patch.main([str(samples), *common, "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["searched"] == 0
    assert len(out.read_text().splitlines()) == 2


def test_the_output_must_be_named(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert patch.main([str(written(tmp_path, NEAR)), "--dataset", str(dataset)]) == 2
    assert "give --out FILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "made", ['"patch": 1', '"patch": {"kinds": []}', '"patch": null, "parent": "a"']
)
def test_a_broken_record_of_a_patch_is_named(tmp_path: Path, made: str) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(f'{{"task_id": "{TALLY.task_id}", "solution": "x", {made}}}\n')
    with pytest.raises(DatasetError, match=r"samples\.jsonl:1: 'parent' and 'patch' must be as"):
        read_samples(path, {TALLY.task_id: TALLY})
