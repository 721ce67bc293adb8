from __future__ import annotations

from pathlib import Path

import pytest

from agent.config import RunConfig
from agent.errors import ConfigError
from agent.repair import STRATEGIES
from agent.support.data import ROOT
from experiments.studies.arms import (
    Arm,
    Study,
    changes,
    config_of,
    drawing,
    nested,
    read_study,
    study_file,
)
from experiments.studies.running import read_plan


def study(folder: Path, text: str) -> tuple[Study, tuple[Arm, ...]]:
    path = folder / "study.yaml"
    path.write_text(text)
    return read_study(path)


def names(folder: Path, text: str) -> list[str]:
    return [arm.name for arm in study(folder, text)[1]]


def test_a_grid_has_an_arm_for_every_combination(tmp_path: Path) -> None:
    grid = "name: a\ngrid:\n  repair.strategy: [trace, rex]\n  rounds: [1, 3]\n  draft.n: [2]"
    found, arms = study(tmp_path, grid)
    assert [arm.name for arm in arms] == [
        *("trace,rounds=1", "trace,rounds=3", "rex,rounds=1", "rex,rounds=3")
    ]
    assert found.baseline == "trace,rounds=1"
    assert arms[3].settings == {"repair": {"strategy": "rex"}, "rounds": 3, "draft": {"n": 2}}
    assert changes(arms[3].settings) == {"repair.strategy": "rex", "rounds": "3", "draft.n": "2"}


def test_a_list_adds_to_a_grid_and_the_baseline_comes_first(tmp_path: Path) -> None:
    text = "name: a\nbaseline: wide\ngrid: {rounds: [1, 2]}\narms: [{name: wide, repair.width: 2}]"
    assert names(tmp_path, text) == ["wide", "rounds=1", "rounds=2"]


def test_a_value_of_a_grid_may_be_several_settings(tmp_path: Path) -> None:
    text = "name: a\ngrid:\n  tests: [{n: 0}, {n: 1, docstring: false}]"
    _, arms = study(tmp_path, text)
    assert [arm.name for arm in arms] == ["tests.n=0", "tests.n=1,tests.docstring=False"]


def test_settings_are_defaults_base_arm_and_command_line_in_turn(tmp_path: Path) -> None:
    text = "name: a\nbase: {rounds: 1, draft.n: 4}\narms: [{name: x, draft: {n: 3}}]"
    found, (arm,) = study(tmp_path, text)
    config = config_of(found, arm.settings, ["--repair.width", "2"])
    assert (config.rounds, config.draft.n, config.repair.width) == (1, 3, 2)
    with pytest.raises(ConfigError, match=r"draft\.n: arms differ in it"):
        config_of(found, arm.settings, ["--draft.n", "9"])
    assert config.tests == RunConfig().tests


def test_the_environment_may_not_set_what_arms_differ_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, (arm, _) = study(tmp_path, "name: a\narms: [{rounds: 1}, {rounds: 3}]")
    monkeypatch.setenv("AGENT_SEED", "7")
    assert config_of(found, arm.settings, []).seed == 7
    monkeypatch.setenv("AGENT_ROUNDS", "2")
    with pytest.raises(ConfigError, match="rounds: arms differ in it"):
        config_of(found, arm.settings, [])


def test_a_published_figure_may_be_of_an_arm_that_is_left_out(tmp_path: Path) -> None:
    arms = "arms: [{name: b, rounds: 1}, {name: c, rounds: 2, enabled: false}]\n"
    one = "{arm: ARM, figure: final, percent: 50, source: s}"
    text = f"name: a\n{arms}published: [{one}]"
    found, _ = study(tmp_path, text.replace("ARM", "c"))
    assert found.published == ()
    with pytest.raises(ConfigError, match="published: no arm is named 'd'"):
        study(tmp_path, text.replace("ARM", "d"))


def test_the_run_that_draws_is_told_nothing_of_the_arms(tmp_path: Path) -> None:
    found, _ = study(tmp_path, "name: a\nbase: {draft.temperature: 0.5}\narms: [{rounds: 1}]")
    config = drawing(config_of(found, {}, ["--draft.n", "3", "--rounds", "2"]), 9)
    assert (config.draft.n, config.draft.temperature, config.rounds) == (9, 0.5, 0)
    assert (config.tests.n, config.tests.docstring, config.inputs.mutations) == (0, False, 0)


def test_greedy_draws_are_all_the_same_and_are_made_once(tmp_path: Path) -> None:
    found, _ = study(tmp_path, "name: a\nbase: {draft.n: 1}\narms: [{rounds: 1}]")
    greedy = config_of(found, {}, ["--draft.temperature", "0"])
    assert drawing(greedy, 9).draft.n == 1


def test_an_arm_that_is_not_enabled_is_left_out(tmp_path: Path) -> None:
    text = "name: a\narms: [{name: b, rounds: 1}, {name: c, rounds: 2, enabled: false}]"
    _, arms = study(tmp_path, text)
    assert [arm.name for arm in arms] == ["b"]
    with pytest.raises(ConfigError, match="enabled: must be true or false, not 'maybe'"):
        study(tmp_path, "name: a\narms: [{rounds: 1, enabled: maybe}]")


def test_a_study_is_found_by_its_name_and_by_its_former_path() -> None:
    right = ROOT / "configs" / "studies" / "repair.yaml"
    for path in ("repair", "repair.yaml", "configs/studies/repair.yaml", str(right)):
        assert study_file(Path(path)).samefile(right)
    assert study_file(Path("configs/ablations/repair.yaml")).samefile(right)
    with pytest.raises(
        ConfigError, match=r"^repairs: no such file; .*one of added-examples, .*, repair"
    ):
        study_file(Path("repairs"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("arms: [{name: x, rounds: 1}, {name: y, rounds: 1}]", "x and y have the same settings"),
        ("arms: [{name: draws2, rounds: 1}]", "an arm must not be named draws"),
        ("arms: [{rounds: 1}]\npublished: [{arm: z, figure: final, percent: 3, source: s}]", "'z'"),
        (
            "arms: [{rounds: 1}]\npublished: [{arm: z, figure: pass, percent: 3, source: s}]",
            "figure",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "study.yaml").write_text(f"name: a\n{text}")
    with pytest.raises(ConfigError, match=complaint):
        read_plan(tmp_path / "study.yaml", [])


def test_arms_that_draft_alike_share_their_draws(tmp_path: Path) -> None:
    text = """
name: a
draws: 8
arms:
  - {name: plain, rounds: 0}
  - {name: rounds, rounds: 2}
  - {name: cold, rounds: 0, draft.temperature: 0.2}
  - {name: cold-rounds, rounds: 1, draft.temperature: 0.2}
  - {name: other, rounds: 0, model.top_p: 0.5}
"""
    (tmp_path / "study.yaml").write_text(text)
    plan = read_plan(tmp_path / "study.yaml", [])
    assert [(run.arm.name, run.draws) for run in plan.runs] == [
        ("draws", ""),
        ("draws,cold", ""),
        ("draws,other", ""),
        ("plain", "draws"),
        ("rounds", "draws"),
        ("cold", "draws,cold"),
        ("cold-rounds", "draws,cold"),
        ("other", "draws,other"),
    ]
    drawn = {run.arm.name: run.config for run in plan.runs if not run.draws}
    assert drawn["draws,cold"].draft.temperature == 0.2
    assert drawn["draws,other"].model.top_p == 0.5
    assert {config.draft.n for config in drawn.values()} == {8}


def test_dotted_names_are_sections() -> None:
    assert nested({"a.b": 1, "a": {"c.d": 2}}) == {"a": {"b": 1, "c": {"d": 2}}}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: a", "needs at least one arm"),
        ("name: a b\narms: [{rounds: 1}]", "name: "),
        ("name: a\ngrids: {}", "grids: unknown; available: name, description, baseline"),
        ("name: a\ngrid: {rounds: []}", "grid.rounds"),
        ("name: a\narms: [{rounds: 1}, {rounds: 1}]", "each with its own name"),
        ("name: a\nbaseline: b\narms: [{rounds: 1}]", "no arm is named 'b'; choose from rounds=1"),
        ("name: a\narms: [{name: '../b', rounds: 1}]", "an arm's name has only"),
    ],
)
def test_a_broken_study_says_what_is_wrong(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint.replace("(", r"\(")):
        study(tmp_path, text)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"dataset": "x"}, "dataset: must be the same in all arms; set it in base"),
        ({"round": 1}, "round: unknown; available: "),
    ],
)
def test_a_bad_setting_of_an_arm_is_an_error(
    tmp_path: Path, settings: dict[str, object], complaint: str
) -> None:
    found, _ = study(tmp_path, "name: a\narms: [{rounds: 1}]")
    with pytest.raises(ConfigError, match=complaint):
        config_of(found, settings, [])


def test_the_studies_that_come_along_can_be_read() -> None:
    paths = sorted((ROOT / "configs" / "studies").glob("*.yaml"))
    assert {"feedback", "repair", "selection"} < {path.stem for path in paths}
    for path in paths:
        found, arms = read_study(path)
        assert found.name == path.stem
        assert all(config_of(found, arm.settings, []) for arm in arms)


def test_the_study_of_repair_has_every_strategy() -> None:

    _, arms = read_study(ROOT / "configs" / "studies" / "repair.yaml")
    assert sorted(arm.name for arm in arms) == list(STRATEGIES.names())
