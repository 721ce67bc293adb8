"""A preflight: failures side by side, and a warning where the reading explains them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.commands.preflight import main
from tests.runner.test_run import dataset
from tests.stub_server import Server, choice

RIGHT = "```python\ndef double(x):\n    return 2 * x\n```\n"
STUB = "def double(x):\n    ...\n"
DEMO = f"{RIGHT}For example:\n\n```python\nprint(double(2))\n```\n"


def options(folder: Path, *more: str) -> list[str]:
    fixed = ["--dataset", str(dataset(folder)), "--tasks", "0", "--sandbox", "local", "-q"]
    return [*fixed, "--store", str(folder / "store.sqlite"), *more]


def found(
    folder: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[dict[str, tuple[int, int, int]], list[dict[str, Any]]]:
    """Return problems, failures and warnings by pair, and the failures."""
    assert main(options(folder, "--json", *more)) == 0
    told = json.loads(capsys.readouterr().out)
    counts = {
        f"{one['prompt']}:{one['extractor']}": (one["problems"], one["failed"], one["warnings"])
        for one in told["pairs"]
    }
    return counts, told["failures"]


def test_a_failure_that_another_extractor_would_not_have_is_a_warning(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.choices = [choice(DEMO)]
    served = ("--model", "served", "--model.base-url", server.url)
    pairs = ("--pairs", "function:codeloop,function:markdown,script:codeloop")
    counts, (failure,) = found(tmp_path, capsys, *served, *pairs)
    assert counts == {
        "function:codeloop": (1, 0, 0),
        "function:markdown": (1, 1, 1),
        "script:codeloop": (1, 0, 0),
    }
    assert failure["answer"] == DEMO
    assert failure["program"].endswith("print(double(2))\n")
    assert failure["warning"].startswith("the program that codeloop, ")
    assert failure["warning"].endswith(" reads passes")
    assert [body["temperature"] for body in server.bodies] == [0.0, 0.0]
    found(tmp_path, capsys, *served, *pairs)
    assert len(server.bodies) == 2, "the store has the answers"
    assert main(options(tmp_path, *served, *pairs)) == 0
    shown = capsys.readouterr().out
    assert "Own/0: function, markdown" in shown
    assert "warning: the program that codeloop" in shown
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("answer", "warning"),
    [
        ("```python\ndef double(x):\n    return x\n```", ""),
        ("I cannot do that.", "the program that was read: not Python"),
        ("", "the answer has no text"),
        ("```python\ndef double(x):\n    y = (x", "the answer was cut at model.max_tokens"),
        (f"```python\n{STUB}```", "the program that was read: a stub"),
    ],
)
def test_a_mistake_of_the_model_is_no_warning(
    server: Server,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    warning: str,
) -> None:
    server.choices = [
        choice(answer) | {"finish_reason": "length" if "(x" in answer[-3:] else "stop"}
    ]
    served = ("--model", "served", "--model.base-url", server.url)
    _, (failure,) = found(tmp_path, capsys, *served, "--pairs", "function:codeloop")
    assert failure["warning"].startswith(warning)
    assert bool(failure["warning"]) == bool(warning)


def test_recorded_samples_and_the_embedded_backend_work_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = tmp_path / "samples.jsonl"
    samples.write_text(json.dumps({"task_id": "Own/0", "solution": DEMO}) + "\n")
    recorded = ("--model", "recorded", "--model.path", str(samples))
    counts, _ = found(
        tmp_path, capsys, *recorded, "--pairs", "function:first_block,function:markdown"
    )
    assert counts == {"function:first_block": (1, 0, 0), "function:markdown": (1, 1, 1)}
    template = tmp_path / "mine.j2"
    template.write_text('{% include "problem.j2" %}')
    counts, _ = found(
        tmp_path, capsys, "--model", "embedded", "--pairs", f"{template}:codeloop,two_stage:none"
    )
    assert [problems for problems, _, _ in counts.values()] == [1, 1]


@pytest.mark.parametrize(
    ("pairs", "complaint"),
    [
        ("script", "'script' must be PROMPT:EXTRACTOR"),
        ("scrpt:codeloop", "unknown 'scrpt'; available: assistant, "),
        ("script:codelop", "unknown 'codelop'; available: codeloop, "),
    ],
)
def test_a_pair_that_names_nothing_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pairs: str, complaint: str
) -> None:
    assert main(options(tmp_path, "--model", "embedded", "--pairs", pairs)) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1
