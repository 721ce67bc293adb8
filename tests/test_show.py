from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import agent.show
from agent.errors import UnknownProblemError
from agent.report.build import build_report
from agent.report.summary import Unscored
from agent.runner.folder import RunFolder
from agent.runner.lookup import find_task
from agent.show import main
from agent.types import (
    Call,
    Candidate,
    Choice,
    Completion,
    Message,
    Problem,
    Row,
    Sampling,
    Score,
    Trace,
    VisibleTest,
)
from sandbox.types import Outcome, Status

ROOT = Path(agent.show.__file__).parents[1]
TASKS = ("Sums/1", "Sums/2", "Sums/12", "Sums/21", "Other/2", "Sums/30", "Sums/31")


def made(task_id: str, *, passed: bool) -> Trace:
    source = "def total(numbers):\n    return sum(numbers)  # é\n"
    return Trace(
        problem=Problem(task_id=task_id, prompt="def total(numbers):\n", entry_point="total"),
        candidates=(Candidate(id=0, source=source),),
        tests=(VisibleTest(source="assert total([]) == 0", origin="generated", form="assert"),),
        rows=(Row(candidate=0, outcomes=(Outcome(Status.PASSED),)),),
        calls=(),
        rounds=0,
        stopped="passed",
        choice=Choice(candidate=0, selector="first", reasons=("there is one",)),
        executions=1,
        score=Score(passed=(passed,), outcomes=("passed" if passed else "wrong answer",)),
    )


@pytest.fixture(autouse=True)
def plain_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ignore the terminal settings of the user who runs the tests."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def new_run(path: Path, *tasks: str) -> RunFolder:
    (path / "traces").mkdir()
    (path / "manifest.json").write_text(json.dumps({"tasks": tasks}))
    return RunFolder.open(path)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run that was killed midway: three traces, one of them not scored, and no summary."""
    folder = new_run(tmp_path, *TASKS)
    folder.write_trace(made("Sums/1", passed=True))
    folder.write_trace(made("Sums/12", passed=False))
    folder.write_trace(made("Other/2", passed=True).model_copy(update={"score": None}))
    return folder


@pytest.fixture
def finished(run: RunFolder) -> RunFolder:
    """The same run with its summary, in which one problem could not be scored."""
    report = build_report(
        [trace for trace in run.traces() if trace.score],
        dataset="sums",
        model="tiny",
        sandbox="fake",
        starts=[3],
        unscored=[Unscored(task_id="Sums/30", error="no slot\nleft")],
    )
    run.write("summary.json", report.model_dump_json())
    return run


def command(*arguments: str, stdout: int = subprocess.PIPE, **env: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "agent.show", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout or "", done.stderr


def test_a_run_lists_its_problems_and_figures(
    finished: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(finished.path)]) == 0
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["Sums/1", "Sums/12", "Other/2"]
    assert "not scored yet" in lines[3]
    assert "1 of 3 problems UNSCORED" in shown
    assert "50.0 % (1 of 2 scored)" in shown
    assert lines[-1] == f"run folder: {finished.path}"


def test_an_unfinished_run_says_how_far_it_came(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(run.path)]) == 0
    assert "not finished: 3 of 7 problems have a trace" in capsys.readouterr().out


def test_the_list_as_json(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run.path), "--json"]) == 0
    first, second, third = json.loads(capsys.readouterr().out)
    assert first == {
        "task_id": "Sums/1",
        "drafts": 1,
        "rounds": 0,
        "stopped": "passed",
        "ending": "passed visible",
        "visible_passed": 1,
        "visible_total": 1,
        "examples_passed": 0,
        "examples_total": 0,
        "single_shot": True,
        "final": True,
        "isolation": "split",
        "unjudged": "",
    }
    assert (second["final"], third["final"]) == (False, None)


@pytest.mark.parametrize("task", ["Sums/12", "12"])
def test_one_trace(run: RunFolder, task: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run.path), task]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Sums/12\n")
    assert "answer (candidate 0): failed, wrong answer" in shown


def test_one_trace_as_json_is_the_trace(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run.path), "12", "--json"]) == 0
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert Trace.model_validate_json(shown) == run.trace("Sums/12")


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("2", "'2' is ambiguous: it matches Sums/2, Other/2"),
        ("Sums/11", "no task 'Sums/11' in this run; it has Sums/1, "),
        ("\x1b[2J", "it has Sums/1, Sums/2, Sums/12, Sums/21, Other/2 and 2 more"),
        ("", "it has Sums/1, "),
        ("Sums/21", "Sums/21 has no trace yet: the run has not reached it"),
        ("30", "Sums/30 has no trace: it is unscored: no slot left"),
    ],
)
def test_a_task_that_cannot_be_shown_gets_one_line(
    finished: RunFolder, task: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(finished.path), task]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert "\x1b" not in err


def test_a_whole_id_wins_over_an_ending(tmp_path: Path) -> None:
    folder = new_run(tmp_path, "a/7", "7")
    assert find_task(folder.task_ids(), "7", "it") == "7"
    with pytest.raises(UnknownProblemError, match="no task '8'"):
        find_task(folder.task_ids(), "8", "it")


def test_a_folder_that_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"agent.show: {tmp_path}: not a run folder")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["1"], ["--json"], ["1", "--json"]])
def test_a_reader_that_goes_away_sees_no_traceback(run: RunFolder, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        code, _, err = command(str(run.path), *arguments, stdout=writing)
    finally:
        os.close(writing)
    assert (code, err) == (0, "")


def test_a_terminal_without_unicode_is_served_too(run: RunFolder) -> None:
    code, out, err = command(str(run.path), "1", PYTHONIOENCODING="ascii")
    assert (code, err) == (0, "")
    assert "# \\xe9" in out
    assert ". passed, x wrong answer" in out


def test_help_is_quick_since_it_imports_nothing_heavy() -> None:
    code, out, err = command("--help", PYTHONPROFILEIMPORTTIME="1")
    assert code == 0
    assert "RUN" in out
    imported = {line.rpartition("|")[2].strip() for line in err.splitlines()}
    assert "argparse" in imported
    assert not imported & {"pydantic", "rich", "rich.console", "agent.types"}


def test_a_folder_of_runs_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        folder = new_run(tmp_path / name, *TASKS[:2])
        known = {"created": "2026-11-29T03:31:00+00:00", "model": "served/tiny"}
        manifest = {"tasks": TASKS[:2], "dataset": {"name": "sums"}, **known}
        (folder.path / "manifest.json").write_text(json.dumps(manifest))
    traces = [made("Sums/1", passed=True), made("Sums/2", passed=False)]
    report = build_report(
        traces, dataset="sums", model="tiny", sandbox="fake", starts=[3, 4], unscored=()
    )
    folder.write("summary.json", report.model_dump_json())
    (tmp_path / "latest").symlink_to("second")
    (tmp_path / "store.sqlite").touch()
    (tmp_path / "extension").mkdir()
    (tmp_path / "extension" / "manifest.json").write_text("{}")  # another program's
    (tmp_path / "first" / "summary.json").write_text("{")

    assert main([str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert shown.err.startswith(f"agent.show: {tmp_path / 'first' / 'summary.json'}: not a report")
    assert shown.err.count("\n") == 1
    head, first, second = shown.out.splitlines()
    assert head.split()[:2] == ["run", "created"]
    assert first.split()[0] == "first"
    assert "not finished" in first
    assert "served/tiny" in second
    assert "2026-11-29 03:31" in second
    assert second.split()[-5:] == ["50.0", "%", "50.0", "%", "0"]
    assert main([str(tmp_path), "--json"]) == 0
    unfinished, finished = json.loads(capsys.readouterr().out)
    assert (unfinished["problems"], unfinished["final"]) == (2, None)
    assert (finished["scored"], finished["final"], finished["seconds"]) == (2, 0.5, 7.0)
    assert main([str(tmp_path), "1"]) == 2  # a task is one of a run
    assert "not a run folder" in capsys.readouterr().err


def long_trace() -> Trace:
    """Return a trace with more in it than a narrow terminal shows at once."""
    plain = made("Sums/1", passed=False)
    prompt = Message(role="user", content="\n".join(f"line {i} of the prompt" for i in range(60)))

    def call(purpose: str, answer: str) -> Call:
        return Call(
            purpose=purpose,
            round=0,
            messages=(prompt,),
            sampling=Sampling(temperature=0, top_p=1, max_tokens=9, seed=0),
            completions=(Completion(text=answer, reasoning=f"thought of {purpose}"),),
        )

    tests = (
        VisibleTest(source=f"assert total({[1] * 80}) == 80", origin="docstring", form=">>>"),
        *(
            VisibleTest(
                source=f"assert total([{i}]) == 0  # wrong", origin="generated", form="assert"
            )
            for i in range(8)
        ),
    )
    passed, failed = Outcome(Status.PASSED), Outcome(Status.WRONG_ANSWER)
    return plain.model_copy(
        update={
            "tests": tests,
            "rows": (Row(candidate=0, outcomes=(passed, *[failed] * 8)),),
            "calls": (call("draft", "raw draft"), call("tests", "raw tests")),
        }
    )


def test_what_ended_a_problem_is_said(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    run.write_trace(long_trace())
    assert main([str(run.path)]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split() == ["Sums/1", "0", "passed", "examples", "1/1", "0/8", "failed", "failed"]
    assert main([str(run.path), "1"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "stopped: passed examples, after 0 repair rounds; the answer passes "
        "1 of 1 docstring examples and 0 of 8 generated tests" in shown
    )


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_trace_fits_the_console_and_says_where_it_is_cut(
    run: RunFolder,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: int,
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    run.write_trace(long_trace())
    for arguments in ([], ["1"]):
        assert main([str(run.path), *arguments]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= columns
        assert [line for line in lines if line != line.rstrip()] == []
    cut = next(line for line in lines if line.endswith("…"))
    assert "assert total([1, 1, 1" in cut
    assert "raw draft" not in "\n".join(lines)


def test_a_full_trace_has_every_prompt_answer_and_test(
    run: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    trace = long_trace()
    run.write_trace(trace)
    assert main([str(run.path), "1", "--full"]) == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if line != line.rstrip()] == []
    assert shown.count("user> line 0 of the prompt\n") == 2
    assert "answer> raw draft\n" in shown
    assert "answer> raw tests\n" in shown
    assert "thought> thought of draft\n" in shown
    assert all(test.source in shown for test in trace.tests)
    assert "…" not in shown
