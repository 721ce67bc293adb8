"""The commands refuse to start a sandbox in which programs could read the answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import run, score, select
from sandbox.judge import library

PROBLEM = {
    "task_id": "Own/1",
    "prompt": 'def f(x):\n    """Add one.\n\n    >>> f(1)\n    2\n    """\n',
    "entry_point": "f",
    "test": "def check(c):\n    assert c(1) == 2\n",
}
COMMANDS = {
    "score": (score.main, ["s.jsonl"]),
    "select": (select.main, ["--samples", "s.jsonl", "--score"]),
    "run": (run.main, ["--model", "embedded", "--out", "out", "--store", "store.sqlite"]),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_dataset_among_the_readable_files_is_refused_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main, arguments = COMMANDS[name]
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/own.jsonl").write_text(json.dumps(PROBLEM))
    Path("s.jsonl").write_text(json.dumps({"task_id": "Own/1", "completion": "    return 2\n"}))
    entries = {**library.standard(), "data": str(tmp_path / "data")}
    monkeypatch.setattr(library, "standard", lambda: entries)
    Path("link.jsonl").symlink_to("data/own.jsonl")
    for dataset in ("data/own.jsonl", "link.jsonl"):
        assert main([*arguments, "--dataset", dataset, "--sandbox", "local"]) == 2
        complaint = capsys.readouterr().err.splitlines()[-1]
        assert complaint.startswith(
            f"agent.{name}: programs could read {dataset}, which belongs to"
        )
    assert not Path("out").exists()
