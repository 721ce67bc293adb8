"""Tests of the command `python -m agent.examples`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.examples import main


def test_prints_a_json_line_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = "grow(1) == 2\n\n    >>> grow(-1)\n    Traceback:\n    ValueError\n    "
    prompt = f'def grow(x):\n    """\n    {shown}"""\n'
    problems = tmp_path / "problems.jsonl"
    problems.write_text(json.dumps({"task_id": "a", "prompt": prompt, "entry_point": "grow"}))
    assert main(["--dataset", str(problems)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["task_id"] == "a"
    first, second = record["examples"]
    assert (first["call"], first["expected"], first["form"]) == ("grow(1)", "2", "==")
    assert prompt[slice(*first["span"])] == "grow(1) == 2"
    assert second["raises"] == "ValueError"
    assert "expected" not in second


def test_an_unknown_dataset_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--dataset", "nowhere"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "nowhere" in captured.err
