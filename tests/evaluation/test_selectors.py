"""`agent.select` on recorded samples, from the command line to its figures."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.datasets.jsonl import read_lines
from agent.errors import DatasetError
from agent.evaluation.recorded_pools import read_tests
from agent.evaluation.selection_figures import summarise
from agent.evaluation.selectors import Selection, build_pools, rank_pools, read_recorded
from agent.evaluation.settings import SelectConfig
from agent.score import main as score
from agent.select import main
from agent.selection import load_selector
from agent.types import Problem
from sandbox import open_sandbox

PROMPT = '''def double(x):
    """Twice the value.

    >>> double(2)
    4
    """
'''
RIGHT, SQUARE, ADDS, BROKEN = (
    "    return 2 * x\n",
    "    return x * x\n",
    "    return x + 2\n",
    "    return\n",
)
HIDDEN = "def check(candidate):\n    assert candidate(5) == 10\n    assert candidate(-1) == -2\n"

Files = Callable[..., list[str]]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    def write(*bodies: str, tests: list[str] | None = None, **fields: Any) -> list[str]:
        problem = {"task_id": "Own/0", "prompt": PROMPT, "entry_point": "double", "test": HIDDEN}
        _write(tmp_path / "problems.jsonl", [problem])
        _write(tmp_path / "samples.jsonl", [{"task_id": "Own/0", "completion": b} for b in bodies])
        arguments = ["--dataset", str(tmp_path / "problems.jsonl")]
        arguments += ["--samples", str(tmp_path / "samples.jsonl"), "--sandbox", "local"]
        if tests is not None:
            _write(tmp_path / "tests.jsonl", [{"task_id": "Own/0", "tests": tests, **fields}])
            arguments += ["--tests", str(tmp_path / "tests.jsonl")]
        return arguments

    return write


def _write(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def figures(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> dict[str, Any]:
    assert main([*arguments, "--score", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_examples_leave_what_the_tests_then_choose_from(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    tests = ["assert double(3) == 6", "assert double(3) == 6", "assert double(0) == 2"]
    arguments = files(BROKEN, SQUARE, ADDS, RIGHT, RIGHT, tests=tests)
    found = figures(capsys, [*arguments, "--selector", "docstring"])
    assert found["pass@1"] == {"expected": 0.5, "returned": 0.0}
    assert (found["random"], found["oracle"], found["closed"]) == (0.4, 1.0, pytest.approx(1 / 6))
    found = figures(capsys, [*arguments, "--selector", "docstring+codet"])
    assert found["pass@1"] == {"expected": 1.0, "returned": 1.0}
    assert (found["programs"], found["examples"], found["generated"]) == (4, 1, 2)
    assert (found["runs"], found["told"]) == (12, 1)
    assert found["pass@2"] == 1.0
    assert "pass@10" not in found


def test_without_tests_generated_inputs_decide(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = files(SQUARE, RIGHT, "    return x + x\n", "    return x * 2\n")
    assert figures(capsys, arguments)["pass@1"] == {"expected": 1.0, "returned": 1.0}
    none = figures(capsys, [*arguments, "--mutations", "0", "--selector", "docstring+agreement"])
    assert none["pass@1"] == {"expected": 0.75, "returned": 0.0}


def test_the_oracle_is_the_bound_and_needs_the_verdicts(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*files(BROKEN, RIGHT), "--selector", "oracle"]
    assert figures(capsys, arguments)["pass@1"] == {"expected": 1.0, "returned": 1.0}
    assert main(arguments) == 2
    assert "give --score" in capsys.readouterr().err


@pytest.mark.parametrize("selector", ["sstar", "docstring+sstar", "docstring+oracle"])
def test_what_a_selector_lacks_is_said_before_anything_is_run(
    files: Files, capsys: pytest.CaptureFixture[str], selector: str
) -> None:
    assert main([*files(BROKEN, RIGHT), "--selector", selector, "--score"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("agent.select: selector: ")


def test_a_selector_without_its_evidence_says_that_it_told_nothing(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    found = figures(capsys, [*files(BROKEN, RIGHT), "--selector", "codet"])
    assert (found["told"], found["generated"], found["closed"]) == (0, 0, 0.0)


@pytest.mark.parametrize("tests", [[], ["assert True"], ["nothing of use"]])
def test_a_file_without_a_usable_test_is_an_error(
    files: Files, capsys: pytest.CaptureFixture[str], tests: list[str]
) -> None:
    assert main(files(BROKEN, RIGHT, tests=tests)) == 2
    assert "contains no usable test" in capsys.readouterr().err


def test_a_reader_that_goes_away_sees_no_traceback(files: Files) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "agent.select", *files(BROKEN, RIGHT)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_choices_are_printed_and_written_as_samples(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = files(BROKEN, RIGHT)
    assert main([*arguments, "--out", str(tmp_path / "chosen.jsonl")]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "task_id": "Own/0",
        "sample": 1,
        "tied": 1,
        "reasons": ["1 of 2 candidates pass 1 of 1 examples"],
    }
    chosen = ["--dataset", str(tmp_path / "problems.jsonl"), "--sandbox", "local", "--json"]
    assert score([str(tmp_path / "chosen.jsonl"), *chosen]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] == 1


def test_only_the_first_samples_are_taken_where_that_is_asked(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*files(BROKEN, SQUARE, RIGHT), "--n", "2"]
    found = figures(capsys, arguments)
    assert (found["samples"], found["oracle"]) == (2, 0.0)


def test_a_test_that_a_do_nothing_program_passes_has_no_vote(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    tests = ["assert double(7) != 15", "assert double(8) != 17", "assert double(9) == 18"]
    found = figures(capsys, files(SQUARE, SQUARE, RIGHT, tests=tests))
    assert found["generated"] == 1
    found = figures(capsys, [*files(SQUARE, SQUARE, RIGHT, tests=tests), "--selector", "codet"])
    assert found["pass@1"]["expected"] == 1.0


def test_programs_that_differ_in_layout_are_run_once(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = files(RIGHT, "    # so\n    return 2*x\n", "    return (2 * x)\n")
    assert figures(capsys, arguments)["programs"] == 1


def test_a_hanging_program_is_cut_by_its_budget(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    tests = [f"assert double({i}) == {2 * i}" for i in range(40)]
    found = figures(capsys, files("    while x > 2:\n        pass\n", RIGHT, tests=tests))
    assert found["pass@1"]["returned"] == 1.0
    assert found["seconds"] < 30


def test_examples_may_come_from_another_dataset(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = files(BROKEN, RIGHT)
    bare = {"task_id": "Own/0", "prompt": "def double(x):\n", "entry_point": "double"}
    _write(tmp_path / "bare.jsonl", [{**bare, "test": HIDDEN}])
    own = [*arguments, "--dataset", str(tmp_path / "bare.jsonl"), "--selector", "docstring"]
    assert figures(capsys, own)["pass@1"]["expected"] == 0.5
    shown = [*own, "--examples", str(tmp_path / "problems.jsonl")]
    assert figures(capsys, shown)["pass@1"]["expected"] == 1.0


def test_raw_texts_are_parsed_and_limited(tmp_path: Path) -> None:
    problem = Problem(task_id="Own/0", prompt=PROMPT, entry_point="double")
    text = " double(1) == 2\nassert double(2) == 4\nassert double(3) == 6\n"
    path = tmp_path / "tests.jsonl.gz"
    line = {"task_id": "Own/0", "tests": [text, text], "raw": True, "continues": "assert"}
    path.write_bytes(gzip.compress(json.dumps(line).encode()))
    (tests,) = read_tests(path, {"Own/0": problem}, 2).values()
    assert [(test.source, test.count) for test in tests] == [
        ("assert double(1) == 2", 2),
        ("assert double(2) == 4", 2),
    ]


def test_whole_texts_that_are_not_marked_as_raw_are_reported(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Here they are:\n```python\nassert double(1) == 2\nassert double(2) == 4\n```\n"
    several = "def check(f):\n    assert double(3) == 6\n    assert double(4) == 8\n"
    single = "assert double(0) == 0"
    assert main(files(RIGHT, BROKEN, tests=[text, several, single])) == 0
    said = capsys.readouterr().err
    assert said.startswith("agent.select: ")
    assert said.count("\n") == 1
    assert "2 of 3 entries are whole texts, of which one test each is kept" in said
    assert said.endswith('3 tests instead of 5; their lines need "raw": true\n')
    assert main(files(RIGHT, BROKEN, tests=[text, several, single], raw=True)) == 0
    assert main(files(RIGHT, BROKEN, tests=[single, "assert double(5) == 10  # ten"])) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"task_id": "Own/9", "tests": []}', "t.jsonl:1: the dataset has no task 'Own/9'"),
        ('{"task_id": "Own/0", "tests": "assert"}', "t.jsonl:1: 'tests' must be a list"),
        ('{"task_id": "Own/0", "tests": [1]}', "t.jsonl:1: 'tests' must be a list"),
        ('{"tests": []}', "t.jsonl:1: 'task_id' must be a string"),
        ('{"task_id": "Own/0", "tests": [], "raw": true, "continues": 3}', "'continues' must"),
    ],
)
def test_a_broken_tests_file_is_named_with_its_line(
    tmp_path: Path, line: str, complaint: str
) -> None:
    (tmp_path / "t.jsonl").write_text(line)
    problem = Problem(task_id="Own/0", prompt=PROMPT, entry_point="double")
    with pytest.raises(DatasetError, match=complaint):
        read_tests(tmp_path / "t.jsonl", {"Own/0": problem}, 5)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--selector", "best"], "unknown 'best'; available: agreement"),
        (["--tests", "/nowhere"], "/nowhere"),
        (["--examples", "nowhere"], "unknown dataset 'nowhere'"),
        (["--n", "0"], "n"),
        (["--out", "/nowhere/out.jsonl"], "/nowhere is not a directory"),
    ],
)
def test_bad_input_is_one_line_and_code_2(
    files: Files, capsys: pytest.CaptureFixture[str], more: list[str], complaint: str
) -> None:
    assert main([*files(RIGHT), *more]) == 2
    assert complaint in capsys.readouterr().err


async def test_the_recorded_samples_give_the_figures_of_the_design(recorded: Path) -> None:
    """Principle 4 of the design gives 32.7, 57.9 and 62.8 %, with the authors' own verdicts."""
    folder = recorded / "qwen3-0.6b-humaneval-evanzhangxin"
    config = SelectConfig.model_validate({"samples": folder / "samples.jsonl.gz", "mutations": 0})
    found = read_recorded(config)
    passed: dict[str, list[bool]] = {}
    for _, line in read_lines(folder / "recorded.jsonl.gz"):
        passed.setdefault(str(line["task_id"]), []).append(bool(line["passed"]))
    async with open_sandbox(config.sandbox.opening()) as sandbox:
        pools = await build_pools(config, found, sandbox, lambda done, total: None)
        ranked = await rank_pools(load_selector("docstring"), found, pools)
    scored = [replace(one, verdicts=tuple(passed[one.sample.task_id])) for one in ranked]
    figures = summarise(Selection("docstring", tuple(scored), 0.0))
    assert figures.random == pytest.approx(0.327, abs=0.005)
    assert figures.pass_1.expected == pytest.approx(0.579, abs=0.005)
    assert figures.oracle == pytest.approx(0.628, abs=0.005)
