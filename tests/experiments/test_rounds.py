"""Import of recorded rounds of other projects as a run."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.audit import main as audit
from agent.config import SandboxSection
from agent.evaluation.stats import mcnemar_exact
from agent.report.summary import Report
from agent.runner.folder import RunFolder
from agent.runner.versions import settings_of
from agent.show import main as show
from experiments.recorded import rounds
from experiments.recorded.importing import import_rounds, settings
from experiments.recorded.recorded_rounds import read_rounds
from sandbox.fake import FakeSandbox, decide_by_syntax
from sandbox.types import Execution, Job, SandboxUnavailable
from tests.conftest import PROMPT

TASK = "Own/0"
TEST = "def check(candidate):\n    assert candidate([4, 6, 5]) == 5\n"
GIVEN = "assert second_largest([3, 1, 2]) == 2"
MAX, LAST, RIGHT = "max(values)", "values[-1]", "sorted(values)[-2]"


def program(value: str) -> str:
    return f"def second_largest(values):\n    return {value}\n"


def body(value: str) -> str:
    return f"    return {value}\n"


def write(path: Path, *lines: Mapping[str, object]) -> None:
    text = "".join(json.dumps(line) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()))


def recorded_set(folder: Path, key: str, entries: Sequence[object], **more: object) -> Path:
    """Write a set of one problem. Its sample, under `key`, is the last solution of `entries`."""
    folder.mkdir()
    problem = {"prompt": PROMPT, "entry_point": "second_largest", "test": TEST}
    write(folder / "problems.jsonl.gz", {"task_id": TASK, **problem})
    last = entries[-1]
    text = last.get("solution", "") if isinstance(last, dict) else ""
    write(folder / "samples.jsonl.gz", {"task_id": TASK, key: text})
    write(folder / "rounds.jsonl.gz", {"task_id": TASK, "rounds": entries, **more})
    return folder


def ldb(parent: Path, **more: object) -> Path:
    """Write whole programs, with the tests of their repair; the first two are wrong."""
    entries = [{"solution": program(value), "failed_tests": []} for value in (MAX, LAST, RIGHT)]
    more = {"passes_given_tests": True, **more}
    folder = recorded_set(parent / "ldb-own", "solution", entries, **more)
    write(folder / "tests.jsonl.gz", {"task_id": TASK, "tests": [GIVEN]})
    return folder


def reflexion(parent: Path, solution: str) -> Path:
    """Write two reflections and the last body; visible tests are not recorded."""
    entries = [{"reflection": "Too large."}, {"reflection": "Still."}, {"solution": solution}]
    return recorded_set(parent / "reflexion-own", "completion", entries)


def imported(folder: Path, out: Path) -> tuple[RunFolder, Report]:
    assert rounds.main([str(folder), "--out", str(out), "--sandbox", "local"]) == 0
    run = RunFolder.open(out)
    report = run.report()
    assert report is not None
    return run, report


def test_each_program_repairs_the_one_before_and_the_last_is_the_answer(tmp_path: Path) -> None:
    run, report = imported(ldb(tmp_path), tmp_path / "run")
    (trace,) = run.traces()
    made = [(c.id, c.parent, c.round, c.origin) for c in trace.candidates]
    assert made == [(0, None, 0, "draft"), (1, 0, 1, "ldb"), (2, 1, 2, "ldb")]
    assert [c.source for c in trace.candidates] == [program(value) for value in (MAX, LAST, RIGHT)]
    assert [(t.source, t.origin, t.form) for t in trace.tests] == [(GIVEN, "docstring", "given")]
    assert [row.outcomes[0].passed for row in trace.rows] == [False, True, True]
    assert trace.score is not None
    assert trace.score.passed == (False, True, True)
    assert (trace.rounds, trace.stopped, trace.executions) == (2, "passed", 3)
    assert (trace.choice.candidate, trace.choice.selector) == (2, "recorded")
    assert trace.calls == ()
    assert (report.single_shot.passed, report.final.passed) == (0, 1)
    assert report.solved_by_round == (0, 0, 1)


def test_the_folder_is_a_run_like_any_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = ldb(tmp_path, passes_given_tests=False), tmp_path / "run"
    run, report = imported(folder, out)
    names = {path.name for path in out.iterdir()}
    assert names >= {"samples.jsonl", "baseline.jsonl", "results.jsonl", "report.md", "config.yaml"}
    manifest: dict[str, Any] = run.manifest()
    assert manifest["model"] == report.model == "recorded/ldb-own"
    assert manifest["imported"]["folder"] == "ldb-own"
    assert manifest["imported"]["first_program_missing"] == 0
    config = settings_of(RunFolder.open(out))
    assert (config.dataset, config.rounds) == (str(folder / "problems.jsonl.gz"), 2)
    assert (config.repair.strategy, config.sandbox) == ("ldb", SandboxSection(backend="local"))
    capsys.readouterr()
    assert show([str(out)]) == show([str(out), "0"]) == 0
    assert "stopped: rounds used up, after 2 repair rounds" in capsys.readouterr().out


def test_no_audit_can_prove_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(ldb(tmp_path), tmp_path / "run")
    assert audit([str(tmp_path / "run")]) != 0
    assert capsys.readouterr().err.count("\n") <= 1


def test_the_last_program_alone_is_a_draft_and_reflections_are_calls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, report = imported(reflexion(tmp_path, body(RIGHT)), tmp_path / "run")
    (trace,) = run.traces()
    (only,) = trace.candidates
    assert (only.round, only.origin, only.source) == (0, "draft", PROMPT + body(RIGHT))
    assert [test.form for test in trace.tests] == [">>>", ">>>"]
    told = [(c.purpose, c.step, c.round, c.candidate, c.completions[0].text) for c in trace.calls]
    assert told == [
        ("reflexion", "reflect", 1, 0, "Too large."),
        ("reflexion", "reflect", 2, 0, "Still."),
    ]
    assert all(call.messages == () for call in trace.calls)
    assert (trace.rounds, trace.stopped) == (0, "not recorded")
    assert (report.single_shot.passed, report.difference.p) == (1, 1.0)
    assert "1 of 1 problems lack their first program" in capsys.readouterr().err


def test_an_empty_solution_is_a_failing_program(tmp_path: Path) -> None:
    run, report = imported(reflexion(tmp_path, ""), tmp_path / "run")
    (trace,) = run.traces()
    assert trace.candidates[0].source == PROMPT
    assert report.final.passed == 0


async def test_a_run_that_breaks_off_does_not_look_finished(tmp_path: Path) -> None:
    def decide(job: Job) -> Execution:
        if job.trusted:
            raise SandboxUnavailable("gone")
        return decide_by_syntax(job)

    recorded, out = read_rounds(ldb(tmp_path)), tmp_path / "run"
    with pytest.raises(SandboxUnavailable):
        await import_rounds(recorded, settings(recorded, "local"), FakeSandbox(decide), out)
    (trace,) = RunFolder.open(out).traces()
    assert trace.score is None
    assert RunFolder.open(out).report() is None


def refused(folder: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert rounds.main([str(folder), "--out", str(out), "--sandbox", "local"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_a_folder_that_is_there_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    out.mkdir()
    assert "give another --out" in refused(ldb(tmp_path), out, capsys)
    assert list(out.iterdir()) == []


def test_a_folder_without_rounds_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "contains no rounds.jsonl.gz; expected" in refused(tmp_path, tmp_path / "run", capsys)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        (["text"], "'rounds' must be a list of objects"),
        ([], "the last solution is not the sample"),
        ([{"solution": program(MAX)}], "the last solution is not the sample"),
        ([{"failed_tests": []}], "'reflection' must be a string"),
        ([{"solution": 1}], "'solution' must be a string"),
    ],
)
def test_a_broken_record_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], entries: list[object], complaint: str
) -> None:
    folder = ldb(tmp_path)
    write(folder / "rounds.jsonl.gz", {"task_id": TASK, "rounds": entries})
    said = refused(folder, tmp_path / "run", capsys)
    assert complaint in said
    assert "rounds.jsonl.gz:1" in said
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("folder", "first", "last", "gained", "lost", "missing"),
    [
        ("ldb-gpt35-humaneval", 123, 136, 14, 1, 0),
        ("ldb-starcoder-humaneval", 64, 65, 1, 0, 0),
        ("reflexion-gpt4-humaneval", 150, 150, 0, 0, 30),
    ],
)
def test_the_recorded_sets_give_their_own_figures(
    recorded: Path,
    tmp_path: Path,
    folder: str,
    first: int,
    last: int,
    gained: int,
    lost: int,
    missing: int,
) -> None:
    _, report = imported(recorded / folder, tmp_path / "run")
    assert (report.single_shot.passed, report.final.passed, report.final.total) == (
        first,
        last,
        164,
    )
    assert (report.difference.gained, report.difference.lost) == (gained, lost)
    assert report.difference.p == mcnemar_exact(gained, lost)
    assert read_rounds(recorded / folder).first_missing == missing


def test_our_matrix_agrees_with_the_tests_that_the_record_says_fail(
    recorded: Path, tmp_path: Path
) -> None:
    folder = recorded / "ldb-gpt35-humaneval"
    run, _ = imported(folder, tmp_path / "run")
    with gzip.open(folder / "rounds.jsonl.gz", "rt") as file:
        lines = [json.loads(line) for line in file]
    theirs = [[not entry["failed_tests"] for entry in line["rounds"]] for line in lines]
    ours = [[all(o.passed for o in row.outcomes) for row in t.rows] for t in run.traces()]
    assert ours == theirs
