"""The scripts on patches: their tables, from a small set of drafts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from experiments.recorded import expression_filler, patch_odds, patches
from experiments.recorded.patch_odds import Counts
from experiments.recorded.patches import DraftSet
from tests.repair.patches.cases import NEAR, RIGHT, TALLY

TEST = "def check(f):\n    assert f([4, 4], 4) == 2\n    assert f([1], 2) == 0\n"
RECORD = {
    **TALLY.model_dump(),
    "test": TEST,
    "canonical_solution": RIGHT.partition("\n")[2],
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a set of one problem with one draft, and make it the only set."""
    monkeypatch.chdir(tmp_path)
    samples = [{"task_id": TALLY.task_id, "solution": NEAR}]
    for name, lines in (("problems", [RECORD]), ("samples", samples)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    own = (DraftSet("Ours", "samples", None, str(tmp_path / "problems.jsonl.gz")),)
    monkeypatch.setattr(patches, "SETS", own)
    monkeypatch.setattr(expression_filler, "SETS", own)
    return tmp_path


def test_the_table_has_what_patches_gain(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert patches.main([str(data), "--sandbox", "local", "--arms"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| Ours | 0.0 → 100.0 | 0.0 → 100.0 | 1.0, 0.0 | 1 |")
    assert "| 3 | 1 | 1 (100 %) | 1 (100 %) |" in lines
    assert [line for line in lines if line.startswith("| one edit")]
    known = json.loads((data / "runs" / "patches.json").read_text())
    assert len(known) > 1
    assert patches.main([str(data), "--sandbox", "local"]) == 0
    assert json.loads((data / "runs" / "patches.json").read_text()) == known


def test_an_unknown_set_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert patches.main([str(data), "--only", "nothing"]) == 2
    assert "no set's name contains 'nothing'" in capsys.readouterr().err


def test_the_odds_come_from_edits_that_mend(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patch_odds, "SET", ".")
    assert patch_odds.main([str(data)]) == 0
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()]
    counts = {row[0].removeprefix("| "): int(row[2]) for row in rows[2:]}
    assert counts["comparison"] == 1
    assert counts["guard empty"] == 0


def test_odds_are_shrunk_towards_those_of_like_operators() -> None:
    counts = Counts()
    counts.tried.update({"offset range": 10_000, "offset index": 10, "guard empty": 10_000})
    counts.right.update({"offset range": 100})
    odds = counts.odds()
    assert odds["offset range"] > odds["offset index"] > odds["guard empty"] > 0


def test_an_expression_is_filled_in(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert expression_filler.main([str(data), "--sandbox", "local"]) == 0
    assert "| Ours | 1 | 1 |" in capsys.readouterr().out
