"""Runs of former versions: every command reads them, and resumes them unchanged or refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.audit import main as audit
from agent.config import RunConfig
from agent.errors import ConfigError, RunFolderError
from agent.run import main
from agent.runner.folder import FORMAT, RunFolder
from agent.runner.versions import settings_of
from agent.settings import DEFAULTS, flatten, read_yaml
from agent.show import main as show
from agent.support.data import ROOT
from experiments.compare import main as compare
from experiments.losses import main as losses

FORMER = ROOT / "tests" / "runs"
"""The folder with a run of each former format, made by its own version."""
FILES = ("results.jsonl", "samples.jsonl", "baseline.jsonl")


@pytest.fixture(params=range(1, FORMAT))
def former(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy a former run. Its dataset's path is relative to the root of the checkout."""
    monkeypatch.chdir(ROOT)
    folder = tmp_path / "run"
    shutil.copytree(FORMER / f"version{request.param}" / "run", folder)
    return folder


def rewrite(path: Path, **changes: Any) -> None:
    """Change some keys of a JSON or YAML file; None removes a key."""
    text = path.read_text()
    values = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    values |= changes
    kept = {key: value for key, value in values.items() if value is not None}
    path.write_text(json.dumps(kept) if path.suffix == ".json" else yaml.safe_dump(kept))


def test_a_former_run_is_shown_compared_and_explained(
    former: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show([str(former)]) == 0
    assert "50.0 % (3 of 6 scored)" in capsys.readouterr().out
    for task in RunFolder.open(former).task_ids():
        assert show([str(former), task]) == 0
    assert compare([str(former), str(FORMER / "version1" / "run")]) == 0
    assert "6 problems scored by both, 0 left out" in capsys.readouterr().out
    assert losses([str(former)]) == 0
    assert "| Own/4 |" in capsys.readouterr().out


def test_a_former_run_is_audited(former: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit([str(former)]) == 0
    assert "6 traces audited" in capsys.readouterr().out


def test_a_resumed_former_run_has_the_same_results_without_requests(
    former: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {name: (former / name).read_bytes() for name in FILES}
    for name in FILES:
        (former / name).unlink()
    shutil.rmtree(former / "traces")
    (former / "traces").mkdir()
    store = ["--store", str(tmp_path / "new.sqlite")]
    assert main(["--resume", str(former), "--sandbox", "local", *store]) == 0
    assert "answers: 0 from the model, 39 from the store" in capsys.readouterr().err
    # Later versions only add keys to a line.
    results, known = (former / "results.jsonl").read_bytes(), before.pop("results.jsonl")
    for line, old in zip(results.splitlines(), known.splitlines(), strict=True):
        former_keys = json.loads(old)
        assert {key: json.loads(line)[key] for key in former_keys} == former_keys
    assert {name: (former / name).read_bytes() for name in before} == before


@pytest.mark.parametrize("number", range(1, FORMAT))
def test_every_setting_has_a_value_for_every_former_version(number: int) -> None:
    """A new setting needs a value for each older version, or old runs would get its default."""
    values = read_yaml(DEFAULTS.parent / "versions" / f"{number}.yaml")
    now = flatten(RunConfig().model_dump(mode="json"))
    left_out = {"config", "out", "resume", "quiet", "model.api_key"}
    assert flatten(values).keys() == now.keys() - left_out


def test_a_setting_that_an_old_file_lacks_gets_the_former_default(
    former: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rewrite(former / "config.yaml", rounds=None, selector=None, repair=None)
    folder = RunFolder.open(former)
    made = settings_of(folder)
    assert (made.rounds, made.selector, made.repair.strategy) == (3, "tiered", "error_feedback")
    # Later defaults do not apply to old runs.
    now = tmp_path / "configs"
    shutil.copytree(DEFAULTS.parent, now)
    rewrite(now / "default.yaml", rounds=9, selector="first")
    monkeypatch.setattr("agent.runner.versions.DEFAULTS", now / "default.yaml")
    assert settings_of(folder) == made
    folder.format = FORMAT
    assert (settings_of(folder).rounds, settings_of(folder).selector) == (9, "first")


def test_a_run_that_cannot_be_resumed_unchanged_is_refused_in_one_line(
    former: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest, config = former / "manifest.json", former / "config.yaml"
    texts = manifest.read_text(), config.read_text()
    prompts = json.loads(texts[0])["prompts"]
    for path, changes, complaint in (
        (manifest, {"format": FORMAT + 1}, f"is of format {FORMAT + 1}; this version reads 1 to"),
        (manifest, {"format": "new"}, "is of format 'new'"),
        (manifest, {"format": True}, "is of format True"),
        (manifest, {"format": 1.0}, "is of format 1.0"),
        (manifest, {"prompts": prompts | {"draft/user.j2": "0"}}, "made with"),
        (manifest, {"plugins": {"mine.py": "0"}}, "was made with other plug-ins"),
        (config, {"magic": 3, "tricks": 4}, "config.yaml: magic: unknown"),
    ):
        rewrite(path, **changes)
        for command, given in ((main, ["--resume", str(former)]), (audit, [str(former)])):
            assert command(given) == 2, changes
            shown = capsys.readouterr()
            assert complaint in shown.err
            assert shown.err.startswith("agent.")
            assert shown.err.count("\n") == 1, "nothing may be opened before the refusal"
        manifest.write_text(texts[0])
        config.write_text(texts[1])
    damages: tuple[object, ...] = (None, {}, "x")
    for damaged in damages:
        rewrite(manifest, sandbox=damaged)
        assert main(["--resume", str(former), "--sandbox", "local"]) == 2
        assert "does not name the Python version of the sandbox" in capsys.readouterr().err
    manifest.write_text("[" * 100_000)
    assert show([str(former)]) == 2
    manifest.write_text(texts[0])
    capsys.readouterr()
    rewrite(manifest, format=FORMAT + 1)
    for read in (show, losses):
        assert read([str(former)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_a_run_folder_knows_its_format_and_settings(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "a", {"tasks": [], "format": FORMAT}, "")
    assert RunFolder.open(folder.path).format == FORMAT
    old = RunFolder.create(tmp_path / "b", {"tasks": []}, "")
    assert RunFolder.open(old.path).format == 1
    with pytest.raises(RunFolderError, match="is of format 0"):
        RunFolder.create(tmp_path / "c", {"tasks": [], "format": 0}, "")
    with pytest.raises(ConfigError, match=r"config.yaml: rounds: input should be"):
        settings_of(RunFolder.create(tmp_path / "d", {"tasks": []}, "rounds: many"))
