"""The comparison of verdicts with expected ones, on a few cases of our own corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.errors import DatasetError
from agent.evaluation.sample_figures import SampleVerdict
from experiments.bench.expected import Expectation, differences, main, read_expected, table
from tests.adversarial.kinds import export
from tests.adversarial.oddities import ODDITIES

CASES = [one for one in ODDITIES if one.name in ("grid", "rows-of-their-own", "sorting-in-place")]


def expectation(task_id: str, passes: bool) -> Expectation:
    return Expectation(task_id=task_id, sample=0, passes=passes, kind="k", why="")


def verdict(task_id: str, passed: bool) -> SampleVerdict:
    return SampleVerdict(task_id=task_id, sample=0, passed=passed, outcome="", detail="")


def test_the_export_is_scored_as_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(tmp_path, CASES)
    files = [tmp_path / "samples.jsonl.gz", "--dataset", tmp_path / "problems.jsonl.gz"]
    given = [*files, "--expected", tmp_path / "expected.jsonl", "--sandbox", "local"]
    assert main([*map(str, given)]) == 0
    assert "0 of 4 verdicts differ" in capsys.readouterr().out
    lines = (tmp_path / "expected.jsonl").read_text().splitlines()
    first = json.loads(lines[0]) | {"expect": "fail"}
    (tmp_path / "expected.jsonl").write_text("\n".join([json.dumps(first), *lines[1:]]))
    assert main([*map(str, given)]) == 1
    said = capsys.readouterr().out
    assert f"{first['task_id']} should fail, but is passed" in said
    assert "1 of 4 verdicts differ" in said


def test_the_table_counts_by_kind_and_expectation() -> None:
    expected = [expectation("a", True), expectation("b", False), expectation("c", False)]
    found = differences(expected, [verdict("a", True), verdict("b", True), verdict("c", False)])
    assert [one.task_id for one, _ in found] == ["b"]
    assert table(expected, [one for one, _ in found]).endswith("| k | 1 | 0 | 2 | 1 |")


def test_a_sample_that_is_missing_is_an_error() -> None:
    with pytest.raises(DatasetError, match="the samples file has no a"):
        differences([expectation("a", True)], [])


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "expected.jsonl"
    path.write_text('{"task_id": "a", "expect": "maybe"}\n')
    with pytest.raises(DatasetError, match=r"expected.jsonl:1: 'expect' must be pass or fail"):
        read_expected(path)
    path.write_text('{"task_id": "set/honest_one", "expect": "pass"}\n')
    assert read_expected(path)[0].kind == "honest"
