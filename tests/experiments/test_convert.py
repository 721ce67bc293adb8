"""The converters of other benchmarks, on problems of ours in the benchmarks' formats."""

from __future__ import annotations

import base64
import json
import os
import pickle
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.datasets import load
from agent.errors import DatasetError
from agent.score import main as score
from agent.visible_tests.docstring.examples import docstring_examples, docstring_tests
from experiments.convert import bigcodebench, livecodebench
from experiments.convert.conversion import LeftOutError
from experiments.convert.livecodebench import private_text

FIXTURES = Path(__file__).parent / "convert"
LIVE, BIG = FIXTURES / "livecodebench.jsonl", FIXTURES / "bigcodebench.jsonl"
SOLUTIONS = {
    "LiveCodeBench/shelf": (
        "    tops = accumulate(widths, max)\n"
        "    return tuple(top for top, n in Counter(tops).items())\n"
    ),
    "LiveCodeBench/paths": (
        "    names = path.split('\\\\')\n"
        "    return names[-1 - level] if level < len(names) else ''\n"
    ),
}
"""One uses names that the header of the prompt gives, and returns a tuple in place of a list."""


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def verdicts(dataset: Path, samples: list[dict[str, str]], folder: Path) -> list[dict[str, Any]]:
    """Score samples in the local sandbox."""
    file, out = folder / "samples.jsonl", folder / "verdicts.jsonl"
    file.write_text("".join(json.dumps(sample) + "\n" for sample in samples), "utf-8")
    given = [str(file), "--dataset", str(dataset), "--out", str(out), "--sandbox", "local"]
    assert score(given) == 0
    return records(out)


def test_livecodebench_s_functional_problems_are_converted_loaded_and_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "problems.jsonl"
    assert livecodebench.main([str(LIVE), "--out", str(out), "--since", "2024-01-01"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"problems written to {out}: 2",
        "problems left out because they read standard input: 1",
        "problems left out because their starter code is not a class Solution with one method: 1",
        "problems left out because their contest was before --since: 1",
    ]
    shelf, paths = load(str(out)).problems
    assert [test.source for test in docstring_tests(shelf)] == [
        "assert widerThanBefore([3, 1, 4, 4, 5]) == [3, 4, 5]",
        "assert widerThanBefore([]) == []",
    ]
    (example,) = docstring_examples(paths)
    assert (example.call, example.expected) == (r"folderAbove('a\\b\\c', 1)", "'b'")
    assert [record["contest_date"][:4] for record in records(out)] == ["2024", "2024"]
    samples = [{"task_id": task, "completion": text} for task, text in SOLUTIONS.items()]
    samples += [{"task_id": task, "completion": "    return []\n"} for task in SOLUTIONS]
    found = verdicts(out, samples, tmp_path)
    assert [one["passed"] for one in found] == [True, True, False, False]
    assert {one["isolation"] for one in found} == {"split"}


def test_a_shown_test_is_not_a_hidden_one(tmp_path: Path) -> None:
    problem = livecodebench.convert_problem(records(LIVE)[0], "here")
    assert "[3, 1, 4, 4, 5]" in problem["prompt"]
    assert "[3, 1, 4, 4, 5]" not in problem["test"]
    shown = records(LIVE)[0]["public_test_cases"]
    with pytest.raises(LeftOutError, match="show every test"):
        livecodebench.convert_problem(records(LIVE)[0] | {"private_test_cases": shown}, "here")


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


@given(st.text(), st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_a_packed_text_is_read_as_it_was(text: str, protocol: int) -> None:
    assert private_text(packed(pickle.dumps(text, protocol)), "here") == text


class Command:
    """Pickled, this is a command that runs when it is loaded."""

    def __init__(self, line: str):
        self.line = line

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.line,)


def test_a_packed_program_is_refused_and_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(DatasetError, match="must be packed as one string"):
        private_text(packed(pickle.dumps(Command(f"touch {mark}"))), "here")
    assert not mark.exists()


@given(st.text().filter(lambda text: text.lstrip()[:1] != "[") | st.binary().map(packed))
def test_other_packed_data_are_a_line_with_their_place(text: str) -> None:
    with pytest.raises(DatasetError, match=r"^file:1: 'private_test_cases' "):
        private_text(text, "file:1")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("metadata", "{"),
        ("public_test_cases", "[{"),
        ("question_content", 3),
        ("question_id", None),
    ],
)
def test_a_broken_field_of_livecodebench_is_named(field: str, value: object) -> None:
    with pytest.raises(DatasetError, match=rf"^file:1: '{field}' "):
        livecodebench.convert_problem(records(LIVE)[0] | {field: value}, "file:1")


def test_bigcodebench_s_problems_are_converted_loaded_and_their_references_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "problems.jsonl"
    assert bigcodebench.main([str(BIG), "--out", str(out)]) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"problems written to {out}: 3",
        "problems left out because they use the network, and their tests have no mocks: 1 "
        "(urllib.request 1)",
        "problems left out because they need packages that --packages does not name: 1 (numpy 1)",
        "problems left out because they need a screen: 1 (turtle 1)",
        "problems left out because they start processes, and their tests have no mocks: 1 "
        "(subprocess 1)",
    ]
    assert len(docstring_examples(load(str(out)).problems[0])) == 1
    samples = [
        {"task_id": record["task_id"], "completion": completion}
        for record in records(out)
        for completion in (record["canonical_solution"], "    return None\n")
    ]
    found = verdicts(out, samples, tmp_path)
    assert [one["passed"] for one in found] == [True, False] * 3
    assert not any(one["unjudged"] for one in found)
    # The test of the last one patches what the program uses: both must share a process.
    assert [one["isolation"] for one in found] == ["split"] * 4 + ["shared"] * 2


def test_a_named_package_keeps_its_problems_and_the_block_for_the_command_line_goes() -> None:
    numeric = bigcodebench.convert_problem(records(BIG)[4], "here", packages={"numpy"})
    assert numeric["prompt"].startswith("import numpy")
    words = bigcodebench.convert_problem(records(BIG)[0], "here")
    assert "unittest.main()" in records(BIG)[0]["test"]
    assert "unittest.main()" not in words["test"]


def test_a_broken_field_of_bigcodebench_is_named() -> None:
    with pytest.raises(DatasetError, match=r"^file:1: 'test' must define a class TestCases$"):
        bigcodebench.convert_problem(records(BIG)[0] | {"test": "def check(): ..."}, "file:1")
    with pytest.raises(LeftOutError, match="not valid in this version of Python"):
        bigcodebench.convert_problem(records(BIG)[0] | {"test": "print 1"}, "file:1")


def test_a_file_without_a_problem_that_is_left_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "problems.jsonl"
    assert livecodebench.main([str(LIVE), "--out", str(out), "--since", "2030"]) == 2
    assert f"no problem is left, and {out} is not written" in capsys.readouterr().err
    assert not out.exists()
