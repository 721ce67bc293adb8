"""The arms of a study, read from its YAML file: a grid, a list, or both.

    name: repair                # of the study, and of its folder
    description: ...            # a line for people, shown in the tables
    baseline: resample          # the arm that the others are compared with; by default the first
    draws: 20                   # independent drafts per problem, to compare with at equal cost
    curves: [1, 5, 10]          # the k of pass@k of these drafts
    base: {rounds: 3}           # settings of all arms
    grid:                       # one arm for each combination
      repair.strategy: [resample, error_feedback]
      tests: [{n: 0}, {n: 1}]
    arms:                       # further arms, one by one
      - {name: wide, repair.width: 2}
      - {name: wider, repair.width: 4, enabled: false}
    published:                  # figures of others, to stand beside those of an arm
      - {arm: resample, figure: pass@1, percent: 33.3, problems: 164, source: "..."}

A setting is named as in `agent.run`, nested or with dots. Patches are off unless base or arm sets
`repair.patch`, or the strategy is `patch`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import product
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from agent.config import ModelConfig, RunConfig, Section
from agent.errors import ConfigError
from agent.settings import DEFAULTS, explain, flatten, merge, parse, read_yaml
from agent.support.data import config_file

_PLAIN = ("repair.strategy", "selector", "draft.prompt.name", "model.extractor")
"""Settings whose value alone, without the setting's name, stands in an arm's name."""
COMMAND = "experiments.study"
_SHARED = frozenset(("dataset", "limit", "sample", "tasks", "seed", "store", "sandbox"))
"""Settings and sections of settings that must be the same for all arms and the draws."""
_UNPATCHED = {"repair": {"patch": "off"}}
"""Patches would hide what strategies do; an arm or the base may ask for them."""
_PLACES = ("config", "out", "resume")
"""Settings of a single run that the study itself sets."""


class Arm(Section):
    """One configuration of a study."""

    name: str
    settings: dict[str, Any]
    """The settings that it changes in the base, nested."""


class PublishedFigure(Section):
    """A figure that somebody published, which an arm of a study should come near to."""

    arm: str
    figure: Annotated[str, Field(pattern=r"^(final|single shot|coverage|pass@[1-9]\d*)$")]
    """`final`, `single shot` or `coverage` of the arm, or pass@k of its sampled drafts."""
    percent: Annotated[float, Field(ge=0, le=100)]
    problems: Annotated[int, Field(ge=1)] = 164
    draws: Annotated[int, Field(ge=1)] | None = None
    """Draws of the study that the figure stands beside; None for any number."""
    source: str


class Study(Section):
    """The contents of a study's file."""

    name: Annotated[str, Field(pattern=r"^[\w-]+$")]
    description: str = ""
    baseline: str | None = None
    draws: Annotated[int, Field(ge=1)] = 20
    curves: tuple[Annotated[int, Field(ge=1)], ...] = (1, 2, 5, 10, 20, 50, 100)
    """The k of pass@k of the sampled drafts; those above their number are left out."""
    base: dict[str, Any] = Field(default_factory=dict)
    grid: dict[str, Annotated[list[Any], Field(min_length=1)]] = Field(default_factory=dict)
    arms: list[dict[str, Any]] = Field(default_factory=list)
    published: tuple[PublishedFigure, ...] = ()


STUDIES = "configs/studies"
_FORMER = Path("configs/ablations")
"""The folder of the studies in former versions."""


def study_file(path: Path) -> Path:
    """Return the file of a study: the path itself, or that of a name in configs/studies.

    Raises ConfigError if there is no such file.
    """
    if path.parent in (Path(), _FORMER) and not path.is_file():
        named = config_file(Path(STUDIES, f"{path.name.removesuffix('.yaml')}.yaml"))
    else:
        named = config_file(path)
    if not named.is_file():
        known = ", ".join(sorted(one.stem for one in config_file(Path(STUDIES)).glob("*.yaml")))
        raise ConfigError(f"{path}: no such file; give the study's file first, or one of {known}")
    return named


def read_study(path: Path) -> tuple[Study, tuple[Arm, ...]]:
    """Return a study and its arms, the baseline first. Raises ConfigError for an invalid file."""
    try:
        study = Study(**read_yaml(path))
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error, Study)}") from None
    every = [*_grid(study), *_listed(path, study)]
    arms = {arm.name: arm for arm in every}
    if len(arms) != len(every) or not arms:
        raise ConfigError(f"{path}: needs at least one arm in grid or arms, each with its own name")
    first = study.baseline or next(iter(arms))
    if first not in arms:
        raise ConfigError(
            f"{path}: baseline: no arm is named {first!r}; choose from {', '.join(arms)}"
        )
    left_out = {entry.get("name") for entry in study.arms if entry.get("enabled") is False}
    if unknown := [one.arm for one in study.published if one.arm not in {*arms, *left_out}]:
        raise ConfigError(f"{path}: published: no arm is named {unknown[0]!r}")
    beside = tuple(one for one in study.published if one.arm in arms)
    ordered = (arms[first], *(arm for name, arm in arms.items() if name != first))
    return study.model_copy(update={"baseline": first, "published": beside}), ordered


def config_of(study: Study, settings: dict[str, Any], argv: list[str]) -> RunConfig:
    """Return the settings of an arm: defaults < base < its own < environment < command line.

    Raises ConfigError for an invalid value, for a setting of `settings` that must be the same in
    all arms, and if the environment or the command line overrides a setting of `settings`.
    """
    names = [*settings, *flatten(settings)]
    if shared := [name for name in dict.fromkeys(names) if name in _SHARED]:
        raise ConfigError(f"{', '.join(shared)}: must be the same in all arms; set it in base")
    base = nested(study.base)
    layers = reduce(merge, (read_yaml(DEFAULTS), _UNPATCHED, base, settings))
    if placed := [name for name in _PLACES if name in layers]:
        raise ConfigError(f"{', '.join(placed)}: a study has its own folder, given with --out")
    config = parse(RunConfig, argv, COMMAND, layers)
    try:
        wanted = flatten(RunConfig.model_validate(layers).model_dump(mode="json"))
    except ValidationError as error:
        raise ConfigError(explain(error)) from None
    got = flatten(config.model_dump(mode="json"))
    if lost := [name for name in flatten(settings) if got[name] != wanted[name]]:
        raise ConfigError(f"{', '.join(lost)}: arms differ in it; it cannot be set for all arms")
    return config


def rehearsed(config: RunConfig) -> RunConfig:
    """Return the settings of an arm with the embedded model, without what only a server can do."""
    asked = {name.removeprefix("model.") for name in config.model.of_server()}
    kept = config.model.model_dump(exclude={*asked, "name", "base_url", "label", "path"})
    return config.model_copy(update={"model": ModelConfig(**{**kept, "backend": "embedded"})})


def drawing(config: RunConfig, draws: int) -> RunConfig:
    """Return the settings of a run that only makes `draws` drafts per problem: no tests, no repair.

    It makes one draft if all drafts are greedy, since all would be the same.
    """
    draws = draws if config.draft.temperature else 1
    sections: dict[str, dict[str, object]] = {
        "draft": {"n": draws, "stop_on_pass": False},
        "tests": {"docstring": False, "n": 0},
        "inputs": {"mutations": 0, "edges": 0, "n": 0},
        "budget": {"share": "alike"},
    }
    changed = {n: getattr(config, n).model_copy(update=new) for n, new in sections.items()}
    return config.model_copy(update={"rounds": 0, "selector": "first", **changed})


def changes(settings: dict[str, Any]) -> dict[str, str]:
    """Return the settings that an arm changes, as `section.key`: value."""
    return {name: str(value) for name, value in flatten(settings).items()}


def nested(settings: Mapping[Any, Any]) -> dict[str, Any]:
    """Return settings nested by their dotted names. Raises ConfigError for a name that is not text.

    YAML reads `on`, `off`, `yes` and `no` as truth values, and digits as numbers.
    """
    if odd := [name for name in settings if not isinstance(name, str)]:
        raise ConfigError(f"{odd[0]!r}: a setting's name must be text")
    parts = (_nest(name.split("."), value) for name, value in settings.items())
    return reduce(merge, parts, {})


def _nest(names: list[str], value: Any) -> dict[str, Any]:
    first, *rest = names
    if not rest:
        return {first: nested(value) if isinstance(value, Mapping) else value}
    return {first: _nest(rest, value)}


def _grid(study: Study) -> Iterator[Arm]:
    varied = [name for name, values in study.grid.items() if len(values) > 1] or [*study.grid]
    for values in product(*study.grid.values()) if study.grid else ():
        cell = dict(zip(study.grid, values, strict=True))
        naming = nested({name: cell[name] for name in varied})
        yield Arm(name=_name(naming), settings=nested(cell))


def _listed(path: Path, study: Study) -> Iterator[Arm]:
    for entry in study.arms:
        if (enabled := entry.get("enabled", True)) is not True:
            if enabled is not False:
                raise ConfigError(f"{path}: enabled: must be true or false, not {enabled!r}")
            continue
        settings = nested({k: v for k, v in entry.items() if k not in ("name", "enabled")})
        name = str(entry.get("name") or _name(settings))
        if not re.fullmatch(r"(?!\.+$)[\w.,=+-]+", name):
            raise ConfigError(f"{path}: {name!r}: an arm's name has only letters, digits, _.,=+-")
        yield Arm(name=name, settings=settings)


def _name(settings: dict[str, Any]) -> str:
    parts = (
        str(value) if name in _PLAIN else f"{name}={value}"
        for name, value in flatten(settings).items()
    )
    return re.sub(r"[^\w.,=+-]", "_", ",".join(parts))
