"""`codeloop sanitize`: samples from files of raw answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.sanitize import main

PROBLEM = {
    "task_id": "mine/0",
    "prompt": 'def area(sides):\n    """Multiply the sides."""\n',
    "entry_point": "area",
    "test": "def check(candidate):\n    pass\n",
}
RIGHT = "def area(sides):\n    return 1\n"


def sanitize(folder: Path, answers: str, *more: str) -> tuple[int, list[dict[str, str]]]:
    """Run the command on the lines of a file. Return its exit code and what it wrote."""
    (folder / "problems.jsonl").write_text(json.dumps(PROBLEM), "utf-8")
    (folder / "answers.jsonl").write_text(answers, "utf-8")
    out = folder / "samples.jsonl"
    dataset = str(folder / "problems.jsonl")
    code = main([str(folder / "answers.jsonl"), "--dataset", dataset, "--out", str(out), *more])
    lines = out.read_text("utf-8").splitlines() if out.exists() else []
    return code, [json.loads(line) for line in lines]


def line(answer: object, key: str = "answer") -> str:
    return json.dumps({"task_id": "mine/0", key: answer}) + "\n"


def test_order_and_duplicates_are_kept(tmp_path: Path) -> None:
    fenced = f"```python\n{RIGHT}```"
    answers = line(fenced) + line("Sorry.") + line(fenced) + line(None) + line("\ud800")
    code, samples = sanitize(tmp_path, answers)
    assert code == 0
    assert [sample["task_id"] for sample in samples] == ["mine/0"] * 5
    assert samples[0] == samples[2] == {"task_id": "mine/0", "solution": RIGHT}
    assert samples[1]["solution"] == f"{PROBLEM['prompt']}Sorry."
    assert samples[3]["solution"] == PROBLEM["prompt"]


def test_samples_of_others_are_read_and_the_extractor_is_chosen(tmp_path: Path) -> None:
    body = "    return 1\n\nprint(2)\n"
    code, samples = sanitize(tmp_path, line(body, "completion"), "--extractor", "none")
    assert (code, samples[0]["solution"]) == (0, f"{PROBLEM['prompt']}{body}")


def test_explain_says_what_was_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sanitize(tmp_path, line(f"Sure:\n{RIGHT}<|im_end|>") + line("def area("), "--explain")
    assert capsys.readouterr().out.splitlines() == [
        "mine/0: of 4 lines, kept 2-3; added 0; defines area",
        "  1: Sure:",
        "  4: <|im_end|>",
        "mine/0: of 1 lines, kept 1; added 2; not Python (line 3 of the program)",
    ]


@pytest.mark.parametrize(
    ("answers", "more", "said"),
    [
        ("", (), "answers.jsonl: has no answers"),
        ('{"task_id": "x", "answer": ""}', (), "answers.jsonl:1: the dataset has no task 'x'"),
        ('{"task_id": "mine/0"}', (), "answers.jsonl:1: has no 'answer'"),
        ('{"task_id": "mine/0", "answer": 3}', (), "answers.jsonl:1: 'answer' must be a string"),
        (line(""), ("--extractor", "nobody"), "unknown 'nobody'; available: codeloop, completion"),
    ],
)  # fmt: skip
def test_a_bad_file_or_option_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    answers: str,
    more: tuple[str, ...],
    said: str,
) -> None:
    assert sanitize(tmp_path, answers, *more)[0] == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
