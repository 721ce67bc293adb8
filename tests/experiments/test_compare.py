"""The comparison of two run folders: the pairing, the figures, and the errors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.evaluation.stats import mcnemar_exact, paired_bootstrap, wilson
from agent.report.build import paired
from agent.runner.folder import RunFolder
from agent.types import Trace
from experiments.compare import main
from experiments.studies import draws
from experiments.studies.comparison import Comparison, code_of, compare
from experiments.studies.ledger import ledger
from tests.experiments.small_traces import One, call, trace_of, unscored

HUMANEVAL = {"name": "humaneval", "sha256": "b79612", "problems": 9}


def folder(
    path: Path, traces: Sequence[Trace], dataset: object = HUMANEVAL, missing: Sequence[str] = ()
) -> Path:
    tasks = [trace.problem.task_id for trace in traces]
    manifest = {"model": path.name, "dataset": dataset, "tasks": [*tasks, *missing]}
    made = RunFolder.create(path, manifest, "")
    for trace in traces:
        made.write_trace(trace)
    return path


def solved(task: str, *passed: bool, answer: int = 0) -> Trace:
    return trace_of(*map(One, passed), task=task, answer=answer, calls=[call(0, 30, 5, 6)])


@pytest.fixture
def first(tmp_path: Path) -> Path:
    traces = [
        solved("Own/0", True),
        solved("Own/1", False, True),
        solved("Own/2", False),
        solved("Own/3", True),
        unscored(solved("Own/4", True)),
        solved("Own/6", True),
    ]
    return folder(tmp_path / "first", traces, missing=["Own/5"])


@pytest.fixture
def second(tmp_path: Path) -> Path:
    # No calls, as in some imported runs.
    fix = trace_of(One(False), One(True, parent=0, round=1), task="Own/2", answer=1)
    silent = {"calls": ()}
    traces = [
        solved("Own/4", True),
        solved("Own/3", False).model_copy(update=silent),
        fix,
        solved("Own/1", False, True, answer=1).model_copy(update=silent),
        solved("Own/0", True).model_copy(update=silent),
        solved("Own/7", True),
    ]
    return folder(tmp_path / "second", traces)


def compared(first: Path, second: Path) -> Comparison:
    return compare(RunFolder.open(first), RunFolder.open(second))


def test_only_problems_that_both_scored_are_paired(first: Path, second: Path) -> None:
    found = compared(first, second)
    assert (found.problems, found.left_out) == (4, 4)
    assert [side.solved.passed for side in (found.first, found.second)] == [2, 3]
    assert (found.first.solved.low, found.first.solved.high) == wilson(2, 4)
    assert [side.coverage.passed for side in (found.first, found.second)] == [3, 3]


def test_the_difference_is_the_second_less_the_first(first: Path, second: Path) -> None:
    change = compared(first, second).difference
    assert (change.value, change.gained, change.lost) == (0.25, 2, 1)
    assert (change.low, change.high) == paired_bootstrap([1, 0, 0, 1], [1, 1, 1, 0])
    assert change.p == mcnemar_exact(2, 1)
    assert compared(second, first).difference.value == -0.25


def test_costs_and_ledgers_are_those_of_the_paired_problems(first: Path, second: Path) -> None:
    found = compared(first, second)
    assert (found.first.usage.prompt_tokens, found.first.usage.completion_tokens) == (120, 44)
    assert (found.first.calls, found.first.executions) == (4, 5)
    assert (found.second.calls, found.second.usage.prompt_tokens) == (0, 0)
    both = [t for t in RunFolder.open(second).traces() if t.problem.task_id != "Own/7"]
    assert found.second.ledger == ledger(both, None)
    assert (found.first.ledger.fixed, found.second.ledger.fixed) == (0, 1)


def test_flipped_problems_come_with_traces_that_can_be_opened(
    first: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(first.parent)
    found = compared(first, second)
    assert [flip.task_id for flip in found.gained] == ["Own/1", "Own/2"]
    (lost,) = found.lost
    assert (lost.first, lost.second) == ("first/traces/Own_3.json", "second/traces/Own_3.json")
    monkeypatch.chdir(first)
    (lost,) = compared(first, second).lost
    assert lost.first == "traces/Own_3.json"
    assert lost.second == str(second.resolve() / "traces/Own_3.json")
    opened = Trace.model_validate_json(Path(lost.second).read_bytes())
    assert not draws.solved(opened)
    assert draws.solved(solved("Own/0", False, True, answer=1))


def test_the_figures_are_printed(
    first: Path, second: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(first.parent)
    assert main([str(first), str(second)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("4 problems scored by both, 4 left out;")
    for line in (
        "| run | first | second |",
        "| pass@1 | 50.0 % (2 of 4 scored), 95 % interval 15.0 to 85.0"
        " | 75.0 % (3 of 4 scored), 95 % interval 30.1 to 95.4 |",
        "| selection gap | 25.0 points (1 right answer missed) | 0.0 points (0 right answers"
        " missed) |",
        "| prompt tokens | 120 | 0 |",
        "| completion tokens | 44 | 0 |",
        "| model calls | 4 | 0 |",
        "| problems fixed | 0 | 1 |",
        "| gained, lost | 2 problems gained, 1 lost |",
        "| exact McNemar | p = 1: not significant at 0.05 |",
        "| gained | first | second |",
        "| Own/2 | first/traces/Own_2.json | second/traces/Own_2.json |",
        "| lost | first | second |",
    ):
        assert line in said.splitlines()


def test_six_gained_problems_are_significant_and_none_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [
        str(folder(tmp_path / str(passed), [solved(f"Own/{i}", passed) for i in range(6)]))
        for passed in (False, True)
    ]
    assert main(runs) == 0
    said = capsys.readouterr().out
    assert "| exact McNemar | p = 0.0312: significant at 0.05 |" in said
    assert "| lost |" not in said


def test_json_holds_the_same_figures(
    first: Path, second: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(first), str(second), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert Comparison.model_validate(said) == compared(first, second)


def refused(capsys: pytest.CaptureFixture[str], *runs: Path) -> str:
    assert main([str(run) for run in runs]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("experiments.compare: ")
    assert said.err.count("\n") == 1
    return said.err


def test_runs_that_cannot_be_paired_are_refused(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = folder(tmp_path / "others", [solved("Own/9", True), unscored(solved("Own/0", True))])
    assert "share no scored problem" in refused(capsys, first, others)
    other = solved("Own/0", True)
    prompt = other.problem.model_copy(update={"prompt": "def grow(x): ..."})
    changed = folder(tmp_path / "changed", [other.model_copy(update={"problem": prompt})])
    assert "share no scored problem (humaneval and humaneval)" in refused(capsys, first, changed)
    odd = folder(tmp_path / "odd", [solved("Own/0", True)], "two\nlines")
    assert "names no dataset" in refused(capsys, first, odd)
    assert "not a run folder" in refused(capsys, first, tmp_path)
    broken = solved("Own/0", True).model_copy(update={"candidates": ()})
    torn = folder(tmp_path / "torn", [broken])
    assert "not a trace of Own/0: its 'choice' does not fit" in refused(capsys, first, torn)
    (torn / "traces" / "Own_0.json").write_text("{")
    assert "not a trace" in refused(capsys, first, torn)


def many(path: Path, passed: Sequence[bool]) -> Path:
    return folder(path, [solved(f"Own/{i}", one) for i, one in enumerate(passed)])


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([False] * 10, [True] * 10, "better"),
        ([True] * 10, [False] * 10, "worse"),
        ([True] * 9 + [False], [True] * 10, "no significant difference"),
        ([True, False], [True, True], "too few problems to tell"),
    ],
)
def test_the_verdict_is_in_words(
    before: list[bool], after: list[bool], words: str, tmp_path: Path
) -> None:
    found = compared(many(tmp_path / "a", before), many(tmp_path / "b", after))
    assert found.verdict == words


@pytest.mark.parametrize(
    ("after", "bound", "code"),
    [
        ([True] * 20, "-1.0", 0),
        ([False] * 20, "-1.0", 1),
        ([False] * 20, "-100", 0),
        ([True] * 19 + [False], "-1", 3),
        ([True] * 20, "0.1", 1),
        ([True] * 20, "nan", 2),
        ([True] * 20, "inf", 2),
    ],
)
def test_a_bound_gives_an_exit_code(
    after: list[bool], bound: str, code: int, tmp_path: Path
) -> None:
    one, two = many(tmp_path / "a", [True] * 20), many(tmp_path / "b", after)
    assert main([str(one), str(two), f"--at-least={bound}"]) == code
    assert main([str(one), str(two)]) == 0


def test_a_bound_at_the_end_of_an_interval_is_within_it() -> None:
    found = paired([True] * 100, [True] * 100)
    for low, high, bound, code in (
        *((-0.07, 0.0, -7, 0), (0.29, 0.3, 29, 0)),
        *((-0.2, -0.07, -7, 3), (-0.2, -0.0701, -7, 1)),
    ):
        assert code_of(found.model_copy(update={"low": low, "high": high}), bound) == code


def test_runs_on_different_data_are_compared_on_what_both_have(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plus = {"name": "humaneval_plus", "sha256": "0"}
    second = folder(tmp_path / "plus", [solved("Own/0", False), solved("Own/8", True)], plus)
    assert main([str(first), str(second)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("1 problem scored by both, 7 left out;")
    assert "different datasets, humaneval and humaneval_plus: compared on the problems" in said
    assert "different problems: compared on those of both" in said


def test_the_page_of_two_runs_is_written(
    first: Path, second: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "both.html"
    assert main([str(first), str(second), "--html", str(page)]) == 0
    assert "problems-data-second" in page.read_text()
    assert main([str(first), str(second), "--html", str(tmp_path / "no" / "both.html")]) == 2
    capsys.readouterr()
