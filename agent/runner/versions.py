"""Settings of runs that former versions made, by the format of the run folder.

`configs/versions/N.yaml` holds the default settings of runs of format N. It provides the settings
that a run's own config.yaml does not have, so that a changed default never changes an old run.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from agent.config import RunConfig
from agent.errors import ConfigError
from agent.runner.folder import FORMAT, RunFolder
from agent.settings import DEFAULTS, explain, merge, read_yaml


def made_values(folder: RunFolder) -> dict[str, Any]:
    """Return the settings that a run was made with, as values. Raises ConfigError."""
    number = folder.format
    defaults = DEFAULTS if number == FORMAT else DEFAULTS.parent / "versions" / f"{number}.yaml"
    return merge(read_yaml(defaults), read_yaml(folder.path / "config.yaml"))


def settings_of(folder: RunFolder) -> RunConfig:
    """Return the settings that a run was made with. The environment does not change them.

    Raises ConfigError if its config.yaml cannot be read, or has settings that no longer exist.
    """
    try:
        return RunConfig(**made_values(folder))
    except ValidationError as error:
        wrong = "; ".join(explain(error).splitlines())
        raise ConfigError(f"{folder.path / 'config.yaml'}: {wrong}") from None
