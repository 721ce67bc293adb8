"""A study from end to end, with the embedded model and the local sandbox."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from agent.audit import main as audit
from agent.trace import RunFolder
from experiments.ablate import main
from tests.test_runner import dataset

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
    assert "6 problems: a difference is found with 80 % power from" in shown.err
    assert {path.suffix for path in (out / "plots").iterdir()} == {".svg", ".png"}

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
    # What the draws asked for is shared: with two drafts already there only the rest is new.
    asked = RunFolder.open(out / "arms" / "error_feedback").report()
    assert asked is not None
    assert asked.asked == arms["error_feedback"]["new"]["completions"]

    capsys.readouterr()
    assert main(command) == 0
    again = capsys.readouterr()
    assert again.out == shown.out
    assert read(out) == first
    assert "from the model" not in again.err


def test_a_study_goes_on_where_it_was(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    out = tmp_path / "out"
    before = {name: (out / name).read_bytes() for name in ("table.md", "table.csv", "table.json")}
    # As a kill leaves it: an arm half done, and two not begun.
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


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--seed", "3"], "was made with other settings: seed is 0 there and 3 here"),
        (["--repair.strategy", "rex"], "repair.strategy: arms differ in it"),
        (["--draft.temperature", "0"], "draft.n must be 1 where draft.temperature is 0"),
        (["--config", "x"], "--config: a study's settings are its file"),
        (["--nonsense", "1"], "unrecognized arguments"),
        (["--selector", "none"], "selector: unknown 'none'"),
    ],
)
def test_bad_input_is_code_2(
    command: list[str], capsys: pytest.CaptureFixture[str], more: list[str], complaint: str
) -> None:
    assert main([*command, "--limit", "1"]) == 0
    capsys.readouterr()
    try:
        code = main([*command, "--limit", "1", *more])
    except SystemExit as error:
        code = int(error.code or 0)
    assert code == 2
    assert complaint in capsys.readouterr().err


def test_a_study_of_nothing_that_can_be_scored_says_why(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none.jsonl").write_text(
        json.dumps({"task_id": "Own/0", "completion": "    return x\n"}) + "\n"
    )
    recorded = ["--model", "recorded", "--model.path", str(tmp_path / "none.jsonl")]
    (tmp_path / "study.yaml").write_text("name: a\narms: [{rounds: 0, tests.n: 0, draft.n: 1}]")
    assert main([*command, "--limit", "1", *recorded]) == 2
    said = capsys.readouterr().err
    assert "no problem could be scored: ModelError" in said
