"""The tables of selectors: their form, and the errors of the scripts."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from agent.evaluation.selection_figures import FirstAnswerRate, SelectionScores
from experiments.bench import matrix as bench_matrix
from experiments.recorded import selection
from experiments.recorded.parity import RecordedSet


def scores(selector: str, expected: float, pass_2: float | None = None) -> SelectionScores:
    return SelectionScores(
        selector=selector,
        problems=10,
        samples=50,
        pass_1=FirstAnswerRate(expected=expected, returned=0.5),
        pass_2=pass_2,
        random=0.25,
        oracle=0.75,
        closed=(expected - 0.25) / 0.5,
        programs=40,
        told=8,
        examples=20,
        generated=10,
        runs=120,
        seconds=1.0,
        scoring_seconds=2.0,
    )


def test_the_wide_table_has_a_column_a_selector() -> None:
    found = [scores("random", 0.25), scores("b4", 0.5)]
    assert list(selection.wide([("own", found)])) == [
        "| samples | n | random | b4 |",
        "|---|---|---|---|",
        "| own | 5 | 25.0 | 50.0 |",
    ]


def test_the_long_table_has_a_row_a_selector() -> None:
    *_, row = selection.long([("own", [scores("b4", 0.5, 0.625)])])
    assert row == "| own | b4 | 50.00 | 50.00 | 62.50 | - | 50.0 % |"


def test_a_small_set_is_measured_from_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prompt = 'def double(x):\n    """Twice.\n\n    >>> double(2)\n    4\n    """\n'
    test = "def check(candidate):\n    assert candidate(5) == 10\n"
    problem = {"task_id": "Own/0", "prompt": prompt, "entry_point": "double", "test": test}
    bodies = ["    return x * x\n", "    return 2 * x\n", "    return x + x\n", "    return\n"]
    folder = tmp_path / "own"
    folder.mkdir()
    write_lines(folder / "problems.jsonl.gz", [problem])
    write_lines(
        folder / "samples.jsonl.gz", [{"task_id": "Own/0", "completion": b} for b in bodies]
    )
    write_lines(
        folder / "tests.jsonl.gz", [{"task_id": "Own/0", "tests": ["assert double(3) == 6"]}]
    )
    own = RecordedSet("own", "samples.jsonl.gz", 2, own_problems=True)
    monkeypatch.setattr(selection, "SETS", (own,))
    monkeypatch.setattr(selection, "EXAMPLES", str(folder / "problems.jsonl.gz"))
    names = "random,codet,docstring,tiered,oracle"
    assert selection.main([str(tmp_path), "--sandbox", "local", "--selectors", names]) == 0
    assert (
        capsys.readouterr().out.splitlines()[-1]
        == "| own | 4 | 50.0 | 100.0 | 66.7 | 100.0 | 100.0 |"
    )


def write_lines(path: Path, lines: Sequence[Mapping[str, object]]) -> None:
    text = "".join(json.dumps(line) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()))


@pytest.mark.parametrize("main", [selection.main, bench_matrix.main])
def test_what_is_lacking_is_said(
    main: Callable[[list[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--sandbox", "local"]) == 2
    assert str(tmp_path) in capsys.readouterr().err
