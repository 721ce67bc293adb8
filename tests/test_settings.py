from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from agent.config import RunConfig
from agent.errors import ConfigError
from agent.runner.folder import RunFolder
from agent.runner.versions import settings_of
from agent.settings import DEFAULTS, differences, dump_yaml, load_config, read_yaml
from agent.support.data import ROOT


def test_the_default_file_holds_every_setting_and_its_default() -> None:
    assert read_yaml(DEFAULTS) == yaml.safe_load(dump_yaml(RunConfig()))


def test_later_sources_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("rounds: 5\nseed: 6\ndraft: {n: 7}\n")
    monkeypatch.setenv("AGENT_SEED", "8")
    monkeypatch.setenv("AGENT_DRAFT__N", "9")
    config = load_config(["--config", str(file), "--draft.n", "10"])
    assert (config.rounds, config.seed, config.draft.n) == (5, 8, 10)
    assert config.draft.temperature == RunConfig().draft.temperature


def test_short_forms_of_backends() -> None:
    config = load_config(["--model", "embedded", "--sandbox=local", "--tasks", "A/1,A/2"])
    assert config.model.backend == "embedded"
    assert config.sandbox.backend == "local"
    assert config.tasks == ("A/1", "A/2")


def test_options_of_the_sandbox_reach_it() -> None:
    arguments = ["--sandbox.python", "3.9", "--sandbox.packages", "numpy,pandas==2.2.3"]
    opening = load_config([*arguments, "--sandbox.runtime", "runsc"]).sandbox.opening()
    assert opening.python == "3.9"
    assert opening.packages == ("numpy", "pandas==2.2.3")
    assert opening.runtime == "runsc"


@pytest.mark.parametrize(
    ("yaml_text", "complaint"),
    [
        ("modle: {}", "modle: unknown; available: .*model"),
        ("model: {nmae: x}", "model.nmae: unknown; available: backend, name"),
        ("rounds: many", "rounds: input should be a valid integer.*'many'"),
        ("rounds: -1", "rounds: input should be greater than or equal to 0"),
        (
            "model: {context: 1024}",
            "model.context, 1024, must be above model.max_tokens, 1024: a prompt needs space, too",
        ),
        ("draft: {temperature: 0}", "draft.n must be 1 if draft.temperature is 0"),
        ("model: {backend: gpt}", "model.backend: input should be 'auto', 'served', 'embedded'"),
        (
            "sandbox: {backend: vm}",
            "sandbox.backend: input should be 'auto', 'socket', 'docker' or",
        ),
        ("sandbox: {python: 3.12}", "sandbox.python: input should be '3.9', .* or '3.14'"),
        ("sandbox: {packages: [a b]}", "sandbox: a package must be NAME or .*, not 'a b'"),
        ("sandbox: {backend: local, runtime: x}", "sandbox: runtime needs the docker backend"),
        ("- rounds", "must be a mapping"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_bad_file_is_explained(tmp_path: Path, yaml_text: str, complaint: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(yaml_text)
    with pytest.raises(ConfigError, match=complaint):
        load_config(["--config", str(file)])


def test_a_mistyped_variable_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_RUONDS", "3")
    with pytest.raises(ConfigError, match=r"\$AGENT_RUONDS: unknown"):
        load_config([])


def test_a_bad_variable_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_ROUNDS", "x")
    with pytest.raises(ConfigError, match="rounds: input should be a valid integer"):
        load_config([])


def test_the_file_may_come_from_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.yaml").write_text("rounds: 7")
    monkeypatch.setenv("AGENT_CONFIG", str(tmp_path / "own.yaml"))
    assert load_config([]).rounds == 7


def test_what_a_run_was_made_with_does_not_depend_on_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder.create(tmp_path / "run", {"tasks": []}, dump_yaml(RunConfig(rounds=7)))
    monkeypatch.setenv("AGENT_ROUNDS", "1")
    assert settings_of(run).rounds == 7


def test_arguments_win_since_nothing_else_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_ROUNDS", "7")
    monkeypatch.setenv("AGENT_MODEL__NAME", "other")
    assert RunConfig(rounds=1).rounds == 1
    assert RunConfig() == RunConfig.model_validate({})
    assert RunConfig().rounds == 3
    assert RunConfig().model.name is None


def test_an_unknown_option_is_an_error_that_names_the_nearest() -> None:
    for given, said in (
        (["--ruonds", "3"], "--ruonds: unknown option; did you mean --rounds?"),
        (["--selecter=first"], "--selecter: unknown option; did you mean --selector?"),
        (["--repair.stratgy", "x"], "--repair.stratgy: unknown option; did you mean --repair.str"),
        (["--zzz"], "--zzz: unknown option; python -m "),
        (["3"], "3: unexpected; python -m "),
        (["--rounds"], "--rounds: expected one argument"),
        ([""], "'': unexpected; python -m "),
        (["--tasks", "[1"], "Parsing error encountered for tasks: "),
    ):
        with pytest.raises(ConfigError) as error:
            load_config(given)
        assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "configs/models").glob("*.yaml")), ids=lambda path: path.stem
)
def test_a_models_file_is_one_of_settings_and_names_its_model(path: Path) -> None:
    config = load_config(["--config", str(path)])
    assert config.model.name is not None
    assert path.stem.startswith(config.model.name.split("/")[-1].lower())


@pytest.mark.parametrize(
    "options",
    [
        ["--model.thinking", "--model.prefill"],
        ["--model.endpoint", "completions", "--no-model.thinking"],
        ["--model.endpoint", "completions", "--model.prefill"],
    ],
)
def test_manners_that_exclude_each_other_are_named(options: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"thinking|prefill"):
        load_config(options)


def test_a_key_is_never_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_MODEL__API_KEY", "a-secret")
    config = load_config([])
    assert config.model.api_key == "a-secret"
    assert "a-secret" not in dump_yaml(config) + repr(config)


def test_differences_name_what_decides_results_and_nothing_else() -> None:
    made = RunConfig()
    config = load_config(["--rounds", "5", "--problems", "7", "--out", "elsewhere"])
    assert differences(made, config) == ["rounds is 3 in the run, not 5"]


def test_the_last_configuration_file_counts(tmp_path: Path) -> None:
    first, last = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("rounds: 1\n")
    last.write_text("rounds: 2\n")
    config = load_config(["--config", str(first), f"--config={last}"])
    assert (config.config, config.rounds) == (last, 2)
