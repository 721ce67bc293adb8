from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from agent.datasets import load
from agent.datasets.samples import read_samples
from agent.errors import DatasetError
from agent.evaluation.hidden import load_hidden
from agent.types import Problem

LINE = {
    "task_id": "Own/1",
    "prompt": "def f(x):\n",
    "entry_point": "f",
    "test": "def check(c):\n    assert c(1) == 1",
    "canonical_solution": "    return x\n",
}


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_humaneval_has_its_164_problems_in_order() -> None:
    problems = load("humaneval").problems
    assert [p.task_id for p in problems] == [f"HumanEval/{i}" for i in range(164)]
    assert set(load_hidden("humaneval")) == {p.task_id for p in problems}


def test_a_problem_has_no_place_for_anything_hidden() -> None:
    assert set(Problem.model_fields) == {"task_id", "prompt", "entry_point"}
    with pytest.raises(ValueError, match="Extra inputs"):
        Problem.model_validate({k: LINE[k] for k in ("task_id", "prompt", "entry_point", "test")})


def test_no_hidden_text_is_reachable_from_loaded_problems(tmp_path: Path) -> None:
    dataset = load(str(write(tmp_path / "own.jsonl", LINE)))
    text = dataset.model_dump_json()
    assert "assert c(1)" not in text
    assert "return x" not in text


def test_a_gzipped_file_reads_like_a_plain_one(tmp_path: Path) -> None:
    plain = write(tmp_path / "own.jsonl", LINE)
    zipped = tmp_path / "own.jsonl.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    assert load(str(zipped)).problems == load(str(plain)).problems


def test_hidden_source_checks_the_entry_point(tmp_path: Path) -> None:
    path = write(tmp_path / "own.jsonl", LINE)
    assert load_hidden(str(path))["Own/1"].source.endswith("\ncheck(f)\n")


def test_an_unknown_name_lists_those_that_exist() -> None:
    with pytest.raises(DatasetError, match=r"unknown dataset 'humanevil'.*humaneval"):
        load("humanevil")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "own.jsonl:2: not valid JSON"),
        ("[]", "own.jsonl:2: not a JSON object"),
        ('{"task_id": "\\ud800"}', "own.jsonl:2: 'task_id' has a lone surrogate"),
        ("[" * 100_000, "own.jsonl:2: not valid JSON"),
        ('{"task_id": 3}', "own.jsonl:2: 'task_id' must be a string"),
        (json.dumps(LINE), "own.jsonl:2: duplicate task_id 'Own/1'"),
    ],
)
def test_a_broken_line_is_named_by_file_and_number(
    tmp_path: Path, line: str, complaint: str
) -> None:
    path = write(tmp_path / "own.jsonl", LINE)
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(DatasetError, match=complaint.replace("[", r"\[")):
        load(str(path))


def test_a_torn_gzip_file_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "torn.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(LINE).encode())[:-9])
    with pytest.raises(DatasetError, match="cannot be read"):
        load(str(path))


def test_json_may_hold_other_ends_of_line(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    line = LINE | {"prompt": "def f(x):\u2028\x85"}
    path.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    assert load(str(path)).problems[0].prompt == line["prompt"]


def test_samples_are_counted_by_task(tmp_path: Path) -> None:
    problem = Problem(task_id="Own/1", prompt="def f(x):\n", entry_point="f")
    lines = [
        {"task_id": "Own/1", "completion": "    return x\n"},
        {"task_id": "Own/1", "solution": "f = abs\n"},
    ]
    first, second = read_samples(write(tmp_path / "s.jsonl", *lines), {"Own/1": problem})
    assert (first.index, first.program(problem)) == (0, "def f(x):\n    return x\n")
    assert (second.index, second.program(problem)) == (1, "f = abs\n")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ({"task_id": "Own/2", "completion": ""}, "no task 'Own/2'"),
        ({"task_id": "Own/1"}, "neither 'completion' nor 'solution'"),
        ({"task_id": "Own/1", "completion": None}, "'completion' must be a string"),
    ],
)
def test_a_broken_sample_is_named_by_file_and_number(
    tmp_path: Path, line: object, complaint: str
) -> None:
    problem = Problem(task_id="Own/1", prompt="", entry_point="f")
    path = write(tmp_path / "s.jsonl", {"task_id": "Own/1", "completion": ""}, line)
    with pytest.raises(DatasetError, match=f"s.jsonl:2: .*{complaint}"):
        read_samples(path, {"Own/1": problem})
