from __future__ import annotations

from pathlib import Path

import pydantic
import pytest
import yaml

from agent.config import RunConfig, Section
from agent.errors import ConfigError
from agent.evaluation.settings import ScoreConfig
from agent.runner.folder import RunFolder
from agent.runner.versions import settings_of
from agent.settings import DEFAULTS, differences, dump_yaml, load_config, parse, read_yaml
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
    ("options", "tasks"),
    [
        (["--tasks", "a, b"], ("a", "b")),
        (["--tasks=a", "--tasks", "b,c"], ("a", "b", "c")),
        (["--tasks", '["a,b", "c"]'], ("a,b", "c")),
        (["--tasks", '"a,b",c'], ("a,b", "c")),
        (["--tasks", ""], ()),
        ([], ("from", "the environment")),
    ],
)
def test_several_values_are_given_with_commas_or_as_json(
    options: list[str], tasks: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_TASKS", "from,the environment")
    assert load_config(options).tasks == tasks


def test_flags_can_be_switched_off_and_limits_taken_away(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("quiet: true\nlimit: 8\nmodel: {thinking: true}\n")
    config = load_config(["--config", str(file)])
    assert (config.quiet, config.limit, config.model.thinking) == (True, 8, True)
    config = load_config(
        ["--config", str(file), "--no-quiet", "--limit", "None", "--no-model.thinking"]
    )
    assert (config.quiet, config.limit, config.model.thinking) == (False, None, False)


def test_a_variable_may_hold_a_whole_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_DRAFT", '{"n": 7, "temperature": 0.5}')
    monkeypatch.setenv("AGENT_DRAFT__TEMPERATURE", "0.6")
    draft = load_config([]).draft
    assert (draft.n, draft.temperature) == (7, 0.6)


@pytest.mark.parametrize(
    ("variable", "text"),
    [("AGENT_DRAFT", "7"), ("AGENT_DRAFT", "{"), ("AGENT_TASKS", "["), ("AGENT_DRAFT", "[1]")],
)
def test_a_variable_that_is_not_json_is_named(
    variable: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigError, match=rf"^\${variable}: "):
        load_config([])


def test_the_help_text_describes_each_setting_with_its_default(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        load_config(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "--rounds N Maximum number of repair rounds after the drafts. (default: 3)" in shown
    assert "--tests.sources A,B Sources of tests, each" in shown
    assert "(default: docstring,written)" in shown
    assert "--stop {docstring,all} Tests that end" in shown
    assert "docstring examples as tests. (default: on)" in shown
    assert "--model.top-k N Number of most likely tokens" in shown


def test_options_of_recorded_samples(tmp_path: Path) -> None:
    config = parse(ScoreConfig, ["--k", "1,10", str(tmp_path), "--json"], "agent.score")
    assert (config.samples, config.k, config.as_json) == (tmp_path, (1, 10), True)
    with pytest.raises(ConfigError, match="SAMPLES"):
        parse(ScoreConfig, [], "agent.score")


def test_settings_without_source_have_options_without_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = pydantic.create_model("Made", __base__=Section, size=(int, 3), part=(str, "50%"))
    found = parse(made, ["--size", "5"], "made")
    assert found.model_dump() == {"size": 5, "part": "50%"}
    with pytest.raises(SystemExit):
        parse(made, ["--help"], "made")
    assert "--part TEXT  (default: 50%)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("yaml_text", "complaint"),
    [
        ("modle: {}", "modle: unknown; available: .*model"),
        ("model: {nmae: x}", "model.nmae: unknown; available: backend, name"),
        ("rounds: many", "rounds: input should be a valid integer.*'many'"),
        ("model: 3", "model: input should be a valid dictionary or instance of ModelConfig"),
        ("model:", "model: input should be a valid dictionary or instance of ModelConfig"),
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
        (["--tasks", "[1"], "--tasks: not a JSON list: "),
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
