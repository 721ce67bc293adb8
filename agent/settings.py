"""Reading of settings from their sources, and short messages for bad values."""

from __future__ import annotations

import os
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_settings import (
    BaseSettings,
    CliSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from agent.config import RunConfig, Section
from agent.errors import ConfigError
from agent.support.data import config_file, data_folder
from agent.support.options import CommandParser, add_readable_argument

DEFAULTS = data_folder("configs") / "default.yaml"


SectionT = TypeVar("SectionT", bound=Section)


def load_config(argv: list[str], base: dict[str, Any] | None = None) -> RunConfig:
    """Return a run's settings, merged from all sources in order of precedence.

    `base` takes the place of configs/default.yaml: a resumed run's own settings. Raises ConfigError
    for a bad value or an unknown option.
    """
    values = read_yaml(DEFAULTS) if base is None else base
    if (path := _config_option(argv)) is not None:
        values = merge(values, read_yaml(config_file(path)))
    return parse(RunConfig, argv, "agent.run", values)


def parse(
    kind: type[SectionT], argv: list[str], module: str, values: dict[str, Any] | None = None
) -> SectionT:
    """Return the settings of any command: `values` (from YAML) < environment < command line.

    `module` is the module of the command. Raises ConfigError for a bad value or an unknown option.
    """
    _reject_unknown_variables()
    settings = _with_sources(kind)
    try:
        options = CliSettingsSource[Any](
            settings,
            cli_parse_args=[_expand(argument) for argument in argv],
            cli_kebab_case=True,
            cli_implicit_flags=True,
            cli_hide_none_type=True,
            cli_avoid_json=True,
            root_parser=CommandParser(module, cleandoc(kind.__doc__ or ""), kind.usage),
            add_argument_method=add_readable_argument,
            formatter_class=RawDescriptionHelpFormatter,
        )
        found = settings(_cli_settings_source=options, **(values or {}))
    except ValidationError as error:
        raise ConfigError(explain(error, kind)) from None
    except SettingsError as error:
        raise ConfigError(str(error)) from None
    fields = kind.model_fields.items()
    return kind(**{field.alias or name: getattr(found, name) for name, field in fields})


@cache
def _with_sources(kind: type[BaseModel]) -> type[BaseSettings]:
    """Return the same settings, read from the environment as well."""

    class SettingsSources(BaseSettings, kind):  # type: ignore[misc, valid-type]  # a base made at run time
        model_config = SettingsConfigDict(env_prefix="AGENT_", env_nested_delimiter="__")

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            """Return the sources by precedence: the environment, then the YAML values."""
            return env_settings, init_settings

    SettingsSources.__doc__ = kind.__doc__
    return SettingsSources


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the settings of a YAML file. Raises ConfigError if it cannot be read as a mapping."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ConfigError(f"{path}: must be a mapping of settings")
    return values


def merge(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return two nested mappings merged; a value of `over` takes precedence."""
    both = {
        key: merge(under[key], over[key])
        for key in under.keys() & over.keys()
        if isinstance(under[key], dict) and isinstance(over[key], dict)
    }
    return under | over | both


def dump_yaml(config: RunConfig) -> str:
    """Return the text of a run's config.yaml: all settings except secrets and those of a start."""
    values = config.model_dump(mode="json", exclude={"config", "out", "resume", "quiet"})
    return str(yaml.safe_dump(values, sort_keys=False))


def differences(made: RunConfig, config: RunConfig) -> list[str]:
    """Return a message for each setting that affects results and differs from the run's own."""
    there, here = (flatten(settings.model_dump(mode="json")) for settings in (made, config))
    return [
        f"{key} is {there[key]} in the run, not {here[key]}"
        for key in here
        if key not in _CHANGEABLE and there[key] != here[key]
    ]


_CHANGEABLE = {
    *("config", "out", "resume", "store", "problems", "quiet"),
    *("model.concurrency", "model.timeout", "model.retries", "model.patience", "model.base_url"),
    "model.label",  # the identity that it gives is compared
    *("sandbox.backend", "sandbox.slots", "sandbox.base_image", "sandbox.allow_weak"),
    *("sandbox.runtime", "sandbox.sockets", "sandbox.patience"),
}
"""Settings that may change when a run is resumed, because no result depends on them."""


def flatten(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested settings as a flat mapping with keys `section.key`."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = prefix + key
        flat |= flatten(value, name + ".") if isinstance(value, dict) else {name: value}
    return flat


def explain(error: ValidationError, kind: type[BaseModel] = RunConfig) -> str:
    """Return one line per bad setting: its name, the fault and, if known, the right values."""
    return "\n".join(_message(dict(d), kind) for d in error.errors(include_url=False))


def _message(detail: dict[str, Any], kind: type[BaseModel]) -> str:
    location = ".".join(str(part) for part in detail["loc"]) or "settings"
    if detail["type"] == "extra_forbidden":
        section: Any = kind
        for part in detail["loc"][:-1]:
            section = section.model_fields[part].annotation
        return f"{location}: unknown; available: {', '.join(section.model_fields)}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    text = f"{location}: {message[:1].lower()}{message[1:]}"
    is_section = isinstance(detail["input"], dict)
    return text if is_section else f"{text} (got {detail['input']!r:.80})"


def _expand(argument: str) -> str:
    """Return the full form of an argument: `--model.backend` for `--model`, likewise `--sandbox`.

    `--k` and `--n` become `-k` and `-n`, pydantic's names for one-letter options.
    """
    name, equals, value = argument.partition("=")
    if name in ("--model", "--sandbox"):
        return f"{name}.backend{equals}{value}"
    if argument == "-q":
        return "--quiet"
    return argument[1:] if name in ("--k", "--n") else argument


def _config_option(arguments: list[str]) -> Path | None:
    """Return the configuration file: the last that is named, as for every option."""
    found = os.environ.get("AGENT_CONFIG")
    for i, argument in enumerate(arguments):
        if argument == "--config" and i + 1 < len(arguments):
            found = arguments[i + 1]
        elif argument.startswith("--config="):
            found = argument.removeprefix("--config=")
    return None if found is None else Path(found)


def _variables(section: type[BaseModel], prefix: str) -> Iterator[str]:
    for key, field in section.model_fields.items():
        yield (name := prefix + key.upper())
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _variables(field.annotation, name + "__")


def _reject_unknown_variables() -> None:
    """Raise ConfigError if an AGENT_ variable is unknown, so that a typing error is not ignored."""
    known = set(_variables(RunConfig, "AGENT_"))
    for name in os.environ:
        if name.startswith("AGENT_") and name not in known:
            raise ConfigError(f"${name}: unknown; variables have the form AGENT_MODEL__NAME")
