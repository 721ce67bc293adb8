"""A study from end to end, with the embedded model and the local sandbox."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from agent.audit import main as audit
from agent.config import ModelConfig, RunConfig
from agent.datasets import load
from agent.models.store import Request, Store
from agent.prompts.drafts import messages_for_draft
from agent.runner.folder import RunFolder
from agent.types import Completion
from experiments.study import main
from tests.faults.plans import at, leave
from tests.faults.problems import write_dataset
from tests.faults.server import Exchange, Fault, FaultyServer
from tests.runner.test_run import dataset

STUDY = """
name: small
baseline: resample
draws: 6
base: {rounds: 2, draft: {n: 2}}
grid:
  repair.strategy: [resample, error_feedback, trace, critique]
"""
FILES = ("table.md", "table.csv", "table.json", "spending.md", "index.html")


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    (tmp_path / "study.yaml").write_text(STUDY)
    shared = ["--dataset", str(dataset(tmp_path)), "--store", str(tmp_path / "store.sqlite")]
    where = ["--sandbox", "local", "--model", "embedded", "--out", str(tmp_path / "out")]
    return [str(tmp_path / "study.yaml"), *shared, *where]


def read(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text() for name in FILES}


def test_a_study_leaves_tables_and_runs_and_asks_nothing_again(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    shown = capsys.readouterr()
    out = tmp_path / "out"
    first = read(out)
    assert shown.out.startswith(first["table.md"])
    assert "6 problems, 3 comparisons (Holm): the smallest difference" in shown.err
    assert {path.suffix for path in (out / "plots").iterdir()} == {".svg", ".png", ".csv"}

    figures = json.loads(first["table.json"])
    arms = {arm["name"]: arm for arm in figures["arms"]}
    assert [*arms] == ["resample", "error_feedback", "trace", "critique"]
    assert (figures["baseline"], figures["drawn"], figures["problems"]) == ("resample", 6, 6)
    assert arms["resample"]["versus"] is None
    assert arms["trace"]["holm"] >= arms["trace"]["versus"]["p"]
    assert len(arms["trace"]["points"]) == 4
    last = arms["trace"]["points"][-1]
    assert last["passed"] == pytest.approx(arms["trace"]["expected"])
    assert last["generated"] * 6 == pytest.approx(arms["trace"]["cost"]["completion_tokens"])
    assert arms["resample"]["new"] == arms["resample"]["cost"]
    assert arms["trace"]["new"]["completions"] < arms["trace"]["cost"]["completions"]

    # Every arm is an ordinary run, whose loop follows from public inputs.
    for name in (*arms, "draws"):
        assert RunFolder.open(out / "arms" / name).report() is not None
        assert audit([str(out / "arms" / name)]) == 0
    # The drafts of the draws are shared: two are stored already, so that only the rest is new.
    asked = RunFolder.open(out / "arms" / "error_feedback").report()
    assert asked is not None
    assert asked.asked == arms["error_feedback"]["new"]["completions"]

    capsys.readouterr()
    assert main(command) == 0
    again = capsys.readouterr()
    assert again.out == shown.out
    assert read(out) == first
    assert "from the model" not in again.err


def test_a_dry_run_says_what_would_be_asked_and_asks_nothing(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "store.sqlite").exists()
    first, second, third, power = shown.splitlines()
    assert first == "5 runs to do, on 6 problems"
    answers = "at most 36 drafts, 6 answers with tests or inputs, and 60 for repairs,"
    assert second.startswith(answers)
    assert third.endswith("time: unknown before the first run is finished")
    assert power.startswith("6 problems, 3 comparisons (Holm)")
    assert main([*command, "--limit", "2"]) == 0
    capsys.readouterr()
    assert main([*command, "--limit", "2", "--dry-run", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["runs"], found["drafts"], found["repairs"]) == (0, 0, 0)


def test_arms_that_draft_differently_have_draws_of_their_own(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
name: sampling
description: Two temperatures.
draws: 6
curves: [1, 2, 5]
base: {rounds: 0, draft.n: 2, selector: first}
grid: {draft.temperature: [0.2, 1.0]}
published: [{arm: draft.temperature=0.2, figure: pass@5, percent: 3, source: nobody}]
"""
    (tmp_path / "study.yaml").write_text(text)
    assert main(command) == 0
    shown = capsys.readouterr().out
    out = tmp_path / "out"
    assert {path.name for path in (out / "arms").iterdir()} == {
        *("draft.temperature=0.2", "draft.temperature=1.0"),
        *("draws", "draws,draft.temperature=1.0"),
    }
    assert "Two temperatures." in shown
    assert "| arm | pass@1 | pass@2 | pass@5 |" in shown
    assert "| nobody |" in shown
    figures = json.loads((out / "table.json").read_text())
    assert [arm["drafts"] for arm in figures["arms"]] == [
        *("arms/draws", "arms/draws,draft.temperature=1.0")
    ]
    assert [point["k"] for point in figures["arms"][0]["sampled"]] == [1, 2, 5]


def test_a_study_goes_on_where_it_was(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    out = tmp_path / "out"
    before = {name: (out / name).read_bytes() for name in ("table.md", "table.csv", "table.json")}
    # The state after a kill: one arm half done, and two not started.
    (out / "arms" / "error_feedback" / "summary.json").unlink()
    for task in ("Own_1", "Own_4"):
        (out / "arms" / "error_feedback" / "traces" / f"{task}.json").unlink()
    for name in ("trace", "critique"):
        shutil.rmtree(out / "arms" / name)
    (out / "expected.json").unlink()
    capsys.readouterr()
    assert main(command) == 0
    said = capsys.readouterr().err
    assert {name: (out / name).read_bytes() for name in before} == before
    assert said.count("answers: 0 from the model") == 3
    assert "arm resample" not in said


def test_bad_input_is_code_2(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--limit", "1"]) == 0
    for more, complaint in (
        (["--seed", "3"], "was made with other settings: seed is 0 in the run, not 3"),
        (["--repair.strategy", "rex"], "repair.strategy: arms differ in it"),
        (["--draft.temperature", "0"], "draft.n must be 1 if draft.temperature is 0"),
        (["--config", "x"], "--config: not for a study"),
        (["--nonsense", "1"], "--nonsense: unknown option"),
        (["--selector", "none"], "selector: unknown 'none'"),
    ):
        capsys.readouterr()
        assert main([*command, "--limit", "1", *more]) == 2
        assert complaint in capsys.readouterr().err


def recorded_study(folder: Path, arms: str) -> list[str]:
    """Return the command of a study that has only four recorded drafts for each of two problems."""
    lines = [
        {"task_id": f"Own/{i}", "completion": f"    return {n}\n"}
        for i in range(2)
        for n in range(4)
    ]
    (folder / "samples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    base = "base: {rounds: 0, tests.n: 0, draft.n: 2}"
    (folder / "study.yaml").write_text(f"name: a\ndraws: 4\n{base}\narms: {arms}")
    model = ["--model", "recorded", "--model.path", str(folder / "samples.jsonl")]
    where = ["--sandbox", "local", "--out", str(folder / "out")]
    data = ["--dataset", str(dataset(folder)), "--store", str(folder / "store.sqlite")]
    return [str(folder / "study.yaml"), "--limit", "2", *model, *where, *data]


def test_an_arm_that_nothing_can_be_scored_of_is_left_out_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arms = "[{name: plain, stop: all}, {name: asks, tests.n: 1}, {name: two, draft.n: 3}]"
    command = recorded_study(tmp_path, arms)
    # Only drafts are recorded: the answers to all other requests are missing.
    command[command.index("--model.path") + 1] = str(only_drafts(tmp_path))
    assert main(command) == 1
    shown = capsys.readouterr()
    assert "experiments.study: asks: no problem could be scored" in shown.err
    found = json.loads((tmp_path / "out" / "table.json").read_text())
    assert [arm["name"] for arm in found["arms"]] == ["plain", "two"]


def only_drafts(folder: Path) -> Path:
    """Write a store with four drafts per problem, and nothing else."""
    path = folder / "drafts.sqlite"
    problems = load(str(folder / "own.jsonl")).problems
    answers = [Completion(text=f"    return {n}\n") for n in range(4)]
    asked = {RunConfig().sampling(0): answers[:1], RunConfig().sampling_of_drafts(): answers[1:]}
    with closing(Store(path)) as store:
        for problem, (sampling, drawn) in product(problems, asked.items()):
            store.put(Request("m", messages_for_draft(problem, ModelConfig()), sampling), 0, drawn)
    return path


def test_a_study_of_nothing_that_can_be_scored_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = recorded_study(tmp_path, "[{name: plain, stop: all}]")
    (tmp_path / "samples.jsonl").write_text(
        json.dumps({"task_id": "Own/0", "completion": "    return x\n"}) + "\n"
    )
    assert main(command) == 2
    assert "no problem could be scored: ModelError" in capsys.readouterr().err


def test_a_finished_study_needs_no_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = recorded_study(tmp_path, "[{name: plain, stop: all}]")
    assert main(command) == 0
    shown = capsys.readouterr().out
    (tmp_path / "samples.jsonl").unlink()
    assert main(command) == 0
    assert capsys.readouterr().out == shown


def test_a_folder_that_was_only_begun_is_gone_on_with(tmp_path: Path) -> None:
    command = recorded_study(tmp_path, "[{name: plain, stop: all}]")
    begun = tmp_path / "out" / "arms" / "plain"
    (begun / "traces").mkdir(parents=True)
    (begun / "config.yaml").write_text("rounds: 9\n")
    assert main(command) == 0
    assert RunFolder.open(begun).report() is not None


def test_what_was_spent_is_that_of_all_starts(tmp_path: Path) -> None:
    command = recorded_study(tmp_path, "[{name: plain, stop: all}]")
    assert main(command) == 0
    spent = (tmp_path / "out" / "spending.md").read_text()
    assert "| draws | 8 |" in spent
    draws = tmp_path / "out" / "arms" / "draws"
    (draws / "summary.json").unlink()
    (draws / "traces" / "Own_1.json").unlink()
    assert main(command) == 0
    assert "| draws | 8 |" in (tmp_path / "out" / "spending.md").read_text()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "name: a\ndraws: 3\nbase: {rounds: 2, draft.n: 2}\narms: [{stop: all}]",
            "draws: at least 4, since an arm can make 4",
        ),
        ("name: a\nbase: {resume: x}\narms: [{rounds: 1}]", "resume: a study has its own folder"),
        ("name: a\narms: [{name: draws, rounds: 1}]", "an arm must not be named draws"),
        ("name: a\narms: [{tests: {1: 2}}]", "1: a setting's name must be text"),
        ("name: a\narms: [{seed: 2}]", "seed: must be the same"),
    ],
)
def test_a_study_that_cannot_be_made_is_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    (tmp_path / "study.yaml").write_text(text)
    assert main([str(tmp_path / "study.yaml"), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_file_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sandbox", "local", "study.yaml"]) == 2
    assert "local: no such file; give the study's file first" in capsys.readouterr().err


@pytest.fixture
def faulty() -> Iterator[FaultyServer]:
    server = FaultyServer()
    server.start()
    yield server
    server.close()


async def press_ctrl_c(exchange: Exchange) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    await exchange.answer()


@pytest.mark.parametrize(("fault", "code"), [(press_ctrl_c, 130), (leave, 3)])
def test_a_study_that_ends_early_says_one_way_to_go_on(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    faulty: FaultyServer,
    fault: Fault,
    code: int,
) -> None:
    (tmp_path / "study.yaml").write_text(STUDY)
    data = ["--dataset", str(write_dataset(tmp_path / "own.jsonl"))]
    data += ["--store", str(tmp_path / "store.sqlite"), "--out", str(tmp_path / "out")]
    model = ["--model", "served", "--model.base-url", faulty.url, "--model.patience", "0.3"]
    faulty.plan = [(at(5), fault)]
    assert main([str(tmp_path / "study.yaml"), "--sandbox", "local", *data, *model]) == code
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "stopped" in line and "problems," not in line] == [
        "stopped; repeat the command to continue"
    ]
    assert "--resume" not in "".join(lines)


def test_a_server_that_lacks_what_a_later_arm_needs_is_asked_nothing(
    tmp_path: Path, faulty: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
name: late
draws: 2
base: {rounds: 0, draft.n: 1, selector: first}
arms: [{name: plain, model.max_tokens: 100}, {name: wide, model.top_k: 40}]
"""
    (tmp_path / "study.yaml").write_text(text)
    where = ["--store", str(tmp_path / "store.sqlite"), "--out", str(tmp_path / "out")]
    served = ["--model.base-url", faulty.url, "--dataset", str(dataset(tmp_path))]
    assert main([str(tmp_path / "study.yaml"), *served, *where, "--quiet"]) == 2
    said = capsys.readouterr().err
    assert "only vLLM supports model.top_k" in said
    assert said.count("experiments.study: ") == 1
    assert faulty.requests == []


def test_a_rehearsal_ignores_what_only_a_server_can_do(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
name: thoughts
draws: 2
base: {rounds: 0, draft.n: 1, selector: first, model: {name: some/model, base_url: "http://a/v1"}}
arms: [{name: plain, model.thinking: false}, {name: thinking, model.thinking: true}]
"""
    (tmp_path / "study.yaml").write_text(text)
    words = [word for word in command if word not in ("--model", "embedded")]
    assert main([*words, "--rehearse", "--draws", "3"]) == 0
    table = json.loads((tmp_path / "out" / "table.json").read_text())
    assert (table["name"], table["drawn"]) == ("thoughts-rehearsal", 3)
    assert {path.name for path in (tmp_path / "out" / "arms").iterdir()} == {
        *("draws", "plain", "thinking"),
    }
