from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.datasets import load
from agent.datasets.base import random_part
from agent.datasets.samples import Sample, read_samples, samples_of_part
from agent.errors import DatasetError
from agent.evaluation.hidden import load_hidden
from agent.parsing.source import find_function
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


@pytest.mark.parametrize(
    "test",
    [
        "def check(c): pass",
        "async def check(c): pass",
        "class check:\n    def __init__(self, c): pass",
        "check = print",
        "check: object = print",
        "from math import floor as check",
        "from checks import *",
        "try:\n    import check\nexcept ImportError:\n    check = None",
        "if True:\n    def check(c): pass",
        "with open('x') as check: pass",
        "def check(c):\n    type X[T] = (",  # syntax of a newer Python, perhaps
    ],
)
def test_a_test_may_define_check_in_any_way(tmp_path: Path, test: str) -> None:
    load_hidden(str(write(tmp_path / "own.jsonl", LINE | {"test": test})))


@pytest.mark.parametrize(
    "test",
    [
        "",
        "assert f(1) == 1",
        "def test(candidate):\n    check = 1",
        "class Tests:\n    def check(self): pass",
        "check(f)",
        "# check\n'check'",
        "checks = 1",
        "import check.it as it",
        "assert (",
    ],
)
def test_a_test_without_check_is_refused_with_its_line(tmp_path: Path, test: str) -> None:
    path = write(tmp_path / "own.jsonl", LINE, LINE | {"task_id": "Own/2", "test": test})
    with pytest.raises(DatasetError, match=r"own.jsonl:2: 'test' must define check\(candidate\)"):
        load_hidden(str(path))


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_other_line_ends_are_read(
    tmp_path: Path, compress: Callable[[bytes], bytes], end: str
) -> None:
    lines = [json.dumps(LINE), "", "\ufeff" + json.dumps(LINE | {"task_id": "Own/2"}), ""]
    path = tmp_path / "own.jsonl"
    path.write_bytes(compress(("\ufeff" + end.join(lines)).encode()))
    assert [problem.task_id for problem in load(str(path)).problems] == ["Own/1", "Own/2"]
    assert load(str(path)).problems[0].prompt == LINE["prompt"]
    assert set(load_hidden(str(path))) == {"Own/1", "Own/2"}


def test_half_a_pair_is_read_in_a_sample_and_refused_in_a_dataset(tmp_path: Path) -> None:
    text = "    return '\ud800'\n"
    problem = Problem(task_id="Own/1", prompt="", entry_point="f")
    for escaped in (True, False):
        line = json.dumps({"task_id": "Own/1", "completion": text}, ensure_ascii=escaped)
        path = tmp_path / "s.jsonl"
        path.write_bytes(line.encode("utf-8", "surrogatepass"))
        assert read_samples(path, {"Own/1": problem})[0].text == text
        line = json.dumps(LINE | {"prompt": text}, ensure_ascii=escaped)
        path.write_bytes(line.encode("utf-8", "surrogatepass"))
        with pytest.raises(DatasetError, match=r"s.jsonl:1: 'prompt' has a lone surrogate"):
            load(str(path))


@pytest.mark.parametrize("content", [b'\n{"task_id": "\xe4"}', '{"a": 1}'.encode("utf-16")])
def test_another_encoding_is_named_with_its_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "own.jsonl").write_bytes(content)
    with pytest.raises(DatasetError, match=r"own.jsonl:[12]: not UTF-8"):
        load(str(tmp_path / "own.jsonl"))


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n \n", gzip.compress(b"", mtime=0)]
)
def test_a_file_without_a_problem_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.jsonl"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"own.jsonl: has no problems"):
        load(str(path))


def test_an_entry_point_is_spelled_as_python_reads_it(tmp_path: Path) -> None:
    line = LINE | {"prompt": "def \ufb01nd(x):\n", "entry_point": "\ufb01nd"}
    path = str(write(tmp_path / "own.jsonl", line))
    (problem,), (hidden,) = load(path).problems, load_hidden(path).values()
    assert problem.entry_point == hidden.entry_point == "find"
    assert hidden.reference == "def \ufb01nd(x):\n    return x\n"
    assert find_function(problem.prompt, "find") is not None


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
    ("line", "whole"),
    [
        ({"completion": None, "solution": "f = abs"}, True),
        ({"completion": "f = abs", "solution": None}, False),
        ({"completion": "f = abs", "solution": "g = abs"}, False),
    ],
)
def test_a_field_that_is_null_does_not_count(
    tmp_path: Path, line: dict[str, str | None], whole: bool
) -> None:
    problem = Problem(task_id="Own/1", prompt="", entry_point="f")
    path = write(tmp_path / "s.jsonl", {"task_id": "Own/1"} | line)
    (sample,) = read_samples(path, {"Own/1": problem})
    assert (sample.text, sample.whole) == ("f = abs", whole)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ({"task_id": "Own/2", "completion": ""}, "no task 'Own/2'"),
        ({"task_id": "Own/1"}, "neither 'completion' nor 'solution'"),
        ({"task_id": "Own/1", "completion": None}, "'completion' must be a string"),
        ({"task_id": "Own/1", "solution": None}, "'solution' must be a string"),
        ({"task_id": "Own/1", "solution": None, "completion": None}, "'completion' must be"),
        ({"task_id": "Own/1", "solution": "f = 1", "completion": 1}, "'completion' must be"),
        ({"task_id": None, "completion": ""}, "'task_id' must be a string"),
        ({"task_id": "Own/\ud800", "completion": ""}, "'task_id' has a lone surrogate"),
        ({"completion": ""}, "'task_id' must be a string"),
    ],
)
def test_a_broken_sample_is_named_by_file_and_number(
    tmp_path: Path, line: object, complaint: str
) -> None:
    problem = Problem(task_id="Own/1", prompt="", entry_point="f")
    path = write(tmp_path / "s.jsonl", {"task_id": "Own/1", "completion": ""}, line)
    with pytest.raises(DatasetError, match=f"s.jsonl:2: .*{complaint}"):
        read_samples(path, {"Own/1": problem})


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9), st.randoms())
def test_a_random_part_keeps_the_order_and_a_larger_one_contains_it(
    number: int, more: int, seed: int, shuffler: Random
) -> None:
    problems = [Problem(task_id=f"Own/{i}", prompt="", entry_point="f") for i in range(40)]
    part = random_part(problems, number, seed)
    assert len(part) == number
    assert [*part] == sorted(part, key=problems.index)
    assert {*random_part(problems, max(number, more), seed)} >= {*part}
    shuffled = [*problems]
    shuffler.shuffle(shuffled)
    assert {*random_part(shuffled, number, seed)} == {*part}


def test_a_random_part_depends_on_the_seed_and_may_be_everything() -> None:
    problems = [Problem(task_id=f"Own/{i}", prompt="", entry_point="f") for i in range(40)]
    assert len({random_part(problems, 5, seed) for seed in range(20)}) > 15
    assert random_part(problems, None, 0) == random_part(problems, 99, 0) == tuple(problems)
    drawn = [p.task_id for seed in range(400) for p in random_part(problems, 10, seed)]
    assert all(60 < drawn.count(problem.task_id) < 140 for problem in problems)


def test_a_file_without_samples_of_the_drawn_problems_is_refused() -> None:
    problems = [Problem(task_id=f"Own/{i}", prompt="", entry_point="f") for i in range(2)]
    named = {problem.task_id: problem for problem in problems}
    samples = [Sample(task_id="Own/0", index=0, text="", whole=True)]
    for seed in range(9):
        if random_part(problems, 1, seed)[0].task_id == "Own/0":
            assert samples_of_part(samples, named, 1, seed) == samples
        else:
            with pytest.raises(DatasetError, match="no samples of the drawn problems"):
                samples_of_part(samples, named, 1, seed)
