"""Reading of settings from their sources, and short messages for bad values."""

from __future__ import annotations

import json
import os
from argparse import ArgumentTypeError
from collections.abc import Iterator
from functools import reduce
from inspect import cleandoc
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from agent.config import RunConfig, Section
from agent.errors import ConfigError
from agent.support.data import config_file, data_folder
from agent.support.options import CommandParser
from agent.support.setting_options import add_options, reader_of, section_of

DEFAULTS = data_folder("configs") / "default.yaml"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the faster one needs libyaml


SectionT = TypeVar("SectionT", bound=Section)
RunT = TypeVar("RunT", bound=RunConfig)


def load_config(argv: list[str], base: dict[str, Any] | None = None) -> RunConfig:
    """Return a run's settings, merged from all sources in order of precedence.

    `base` takes the place of configs/default.yaml: a resumed run's own settings. Raises ConfigError
    for a bad value or an unknown option.
    """
    return load_settings(RunConfig, argv, "agent.run", base)


def load_settings(
    kind: type[RunT], argv: list[str], module: str, base: dict[str, Any] | None = None
) -> RunT:
    """Return the settings of a command that takes those of a run, such as `load_config`."""
    values = read_yaml(DEFAULTS) if base is None else base
    if (path := _config_option(argv)) is not None:
        values = merge(values, read_yaml(config_file(path)))
    return parse(kind, argv, module, values)


def parse(
    kind: type[SectionT], argv: list[str], module: str, values: dict[str, Any] | None = None
) -> SectionT:
    """Return the settings of any command: `values` (from YAML) < environment < command line.

    `module` is the module of the command. Raises ConfigError for a bad value or an unknown option.
    """
    _reject_unknown_variables()
    parser = CommandParser(module, cleandoc(kind.__doc__ or ""), kind.usage)
    add_options(parser, kind)
    given = vars(parser.parse_args([_expand(argument) for argument in argv]))
    layers = (values or {}, _from_environment(kind, "AGENT_"), _nested(given))
    try:
        return kind.model_validate(reduce(merge, layers))
    except ValidationError as error:
        raise ConfigError(explain(error, kind)) from None


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with keys `section.key` as nested settings."""
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        for name in reversed(path.split(".")):
            value = {name: value}
        nested = merge(nested, value)
    return nested


def _from_environment(kind: type[BaseModel], prefix: str) -> dict[str, Any]:
    """Return the settings of a section that have a variable; a whole section's is JSON."""
    found: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        key, variable = field.alias or name, prefix + (field.alias or name).upper()
        text, section = os.environ.get(variable), section_of(field)
        try:
            if section is not None:
                values = {} if text is None else _json_mapping(text)
                if values := merge(values, _from_environment(section, f"{variable}__")):
                    found[key] = values
            elif text is not None:
                found[key] = reader_of(field)(text)
        except (ValueError, ArgumentTypeError) as error:
            raise ConfigError(f"${variable}: {error} (got {text!r:.80})") from None
    return found


def _json_mapping(text: str) -> dict[str, Any]:
    values = json.loads(text)
    if not isinstance(values, dict):
        raise ValueError("must be a JSON mapping of settings")
    return values


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the contents of a YAML file. Raises ConfigError if it cannot be read as a mapping."""
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), _LOADER)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ConfigError(f"{path}: must be a mapping with names as keys")
    return values


def read_config(path: str | Path) -> RunConfig:
    """Return the settings of a YAML file; all others have their defaults. Raises ConfigError."""
    try:
        return RunConfig.model_validate(read_yaml(Path(path)))
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error, RunConfig)}") from None


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

    `--k` and `--n` become `-k` and `-n`, the names of one-letter options.
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
        if (inner := section_of(field)) is not None:
            yield from _variables(inner, name + "__")


def _reject_unknown_variables() -> None:
    """Raise ConfigError if an AGENT_ variable is unknown, so that a typing error is not ignored."""
    known = set(_variables(RunConfig, "AGENT_"))
    for name in os.environ:
        if name.startswith("AGENT_") and name not in known:
            raise ConfigError(f"${name}: unknown; variables have the form AGENT_MODEL__NAME")
