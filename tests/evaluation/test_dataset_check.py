"""`codeloop check-dataset`: what makes a dataset unfit to judge programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.__main__ import main

RIGHT: dict[str, Any] = {
    "task_id": "Own/right",
    "prompt": 'def f(x):\n    """Twice x.\n\n    >>> f(2)\n    4\n    """\n',
    "entry_point": "f",
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-1) == -2\n"
    "    for i in range(3):\n        assert candidate(i) == 2 * i\n",
}
ANY_ORDER: dict[str, Any] = {
    "task_id": "Own/items",
    "prompt": 'def g(x):\n    """The numbers below x, in any order."""\n',
    "entry_point": "g",
    "canonical_solution": "    return [i + 1e-4 for i in range(x)][::-1]\n",
    "base_input": [[0], [3], [5]],
    "any_order": True,
    "atol": 0.01,
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def checked(capsys: pytest.CaptureFixture[str], *lines: dict[str, Any]) -> tuple[int, str]:
    Path("own.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    code = main(["check-dataset", "own.jsonl", "--sandbox", "local"])
    return code, capsys.readouterr().out


def test_a_dataset_that_can_judge(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = checked(capsys, RIGHT, ANY_ORDER)
    assert code == 0
    assert said.splitlines() == [
        "2 problems, 1 docstring examples",
        "reference solutions: 0 fail, 0 missing",
        "isolation: split: 2",
        "examples that a reference solution contradicts: 0",
        "problems without an example: 1 Own/items",
        "calls of hidden tests, with literal arguments: 5; of these in the prompt: 1",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"canonical_solution": "    return x * x\n"},
            "Own/right: the reference solution fails: wrong answer",
        ),
        (
            {
                "canonical_solution": "    return 2 * x\n",
                "prompt": RIGHT["prompt"].replace("4", "5"),
            },
            "Own/right: the reference solution contradicts the example: assert f(2) == 5",
        ),
        ({"canonical_solution": ""}, "reference solutions: 0 fail, 1 missing"),
    ],
)
def test_what_makes_it_unfit_is_told(
    capsys: pytest.CaptureFixture[str], change: dict[str, Any], told: str
) -> None:
    code, said = checked(capsys, RIGHT | change)
    assert code == 1
    assert told in said


def test_findings_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    checked(capsys, RIGHT)
    assert main(["check-dataset", "own.jsonl", "--json", "--sandbox", "local"]) == 0
    told = json.loads(capsys.readouterr().out)
    (problem,) = told["problems"]
    assert (problem["task_id"], problem["isolation"], problem["failure"]) == (
        "Own/right",
        "split",
        "",
    )
    assert (told["dataset"], told["isolation"]) == ("own.jsonl", {"split": 1})


def test_a_wrong_flag_of_order_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("own.jsonl").write_text(json.dumps(ANY_ORDER | {"any_order": "yes"}))
    assert main(["check-dataset", "own.jsonl", "--sandbox", "local"]) == 2
    assert "own.jsonl:1: 'any_order' must be true or false" in capsys.readouterr().err


def test_items_may_come_in_any_order_and_differ_a_little(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("own.jsonl").write_text(json.dumps(ANY_ORDER))
    bodies = (
        "[*map(float, range(x))]",
        "[i + 0.5 for i in range(x)]",
        "[*range(x - 1), 0]",
        "set(range(x))",
    )
    lines = [{"task_id": "Own/items", "solution": f"def g(x): return {body}"} for body in bodies]
    Path("samples.jsonl").write_text("\n".join(map(json.dumps, lines)))
    arguments = ["--dataset", "own.jsonl", "--sandbox", "local", "--out", "out.jsonl"]
    assert main(["score", "samples.jsonl", *arguments]) == 0
    found = [json.loads(line)["passed"] for line in Path("out.jsonl").read_text().splitlines()]
    assert found == [True, False, False, False]
