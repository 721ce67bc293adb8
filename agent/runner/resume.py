"""Resuming a run: its settings, its folder, and the checks that nothing else has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agent.config import RunConfig
from agent.errors import ConfigError, RunFolderError
from agent.models.opening import OpenedModel
from agent.runner.folder import RunFolder, new_folder, point_latest_at, refuse_used
from agent.runner.lock import LOCK, locked
from agent.runner.versions import made_values, settings_of
from agent.settings import differences, dump_yaml, load_config


def pin_model(config: RunConfig, opened: OpenedModel) -> RunConfig:
    """Return the settings with the opened model in place of `auto`, so that a resumed run uses it.

    A resumed run keeps its context length, even if its server reports another one. Raises
    ConfigError if an answer could fill the whole context.
    """
    if config.model.backend == "recorded":
        return config
    backend, _, name = opened.model.identity.partition("/")
    found: dict[str, object] = {"backend": backend}
    if backend == "served":
        found["name"] = name
    if config.model.context is None:
        found["context"] = opened.context if config.resume is None else made_context(config.resume)
    model = config.model.model_copy(update=found)
    try:
        model.check_context()
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return config.model_copy(update={"model": model})


def made_context(folder: Path) -> int | None:
    """Return the model's context length that a run was made with, in tokens; None if unlimited."""
    return settings_of(RunFolder.open(folder)).model.context


def resume_config(argv: list[str], folder: Path) -> RunConfig:
    """Return the settings of a run to resume.

    Raises RunFolderError if the folder is not a run, ConfigError if `argv` changes a setting that
    affects results.
    """
    run = RunFolder.open(folder)
    made = settings_of(run)
    config = load_config(argv, base=made_values(run))
    if changed := differences(made, config):
        raise ConfigError(f"{folder} was made with other settings: {'; '.join(changed)}")
    return config


@contextmanager
def open_folder(config: RunConfig, manifest: dict[str, object]) -> Iterator[RunFolder]:
    """Lock and yield a run folder: a new one with config and manifest, or the one to resume.

    Raises RunFolderError if another process holds its lock, if a new run would overwrite a file,
    or if the run to resume was made with another model, dataset, prompt, plug-in or Python.
    """
    if config.resume is not None:
        with locked(config.resume):
            yield _checked(RunFolder.open(config.resume), manifest)
        return
    path = config.out or new_folder(Path("runs"))
    if not (path / LOCK).exists():
        refuse_used(path)  # before a lock file is created in a folder that is not a run
    with locked(path):
        folder = RunFolder.create(path, manifest, dump_yaml(config))
        if path.parent.resolve() == Path("runs").resolve():
            point_latest_at(path)
        yield folder


def _checked(folder: RunFolder, manifest: Mapping[str, object]) -> RunFolder:
    """Return a run to resume. Raises RunFolderError if it does not match the new manifest."""
    keys = ("model", "dataset", "prompts", "plugins", "tasks")
    made = check_made_with(folder, {key: manifest[key] for key in keys})
    there, here = _python(made, folder.path), _python(manifest, folder.path)
    if there != here:
        raise RunFolderError(
            f"{folder.path} was made with Python {there} in the sandbox, not {here}"
        )
    return folder


def check_made_with(folder: RunFolder, now: Mapping[str, object]) -> dict[str, object]:
    """Return a run's manifest. Raises RunFolderError if it differs from `now` in one of its keys.

    Runs of format 1 had no plug-ins by path, and their manifests have no such key.
    """
    made: dict[str, object] = {"plugins": {}} | folder.manifest()
    for key, value in now.items():
        if made.get(key) != value:
            other = {"plugins": "other plug-ins", "prompts": "other prompts"}.get(
                key, f"another {key}"
            )
            raise RunFolderError(f"{folder.path} was made with {other}: {made.get(key)!s:.200}")
    return made


def _python(manifest: Mapping[str, object], path: Path) -> str:
    """Return the sandbox's Python version, as 3.12: verdicts may depend on it."""
    sandbox = manifest.get("sandbox")
    if not isinstance(sandbox, dict) or "python" not in sandbox:
        raise RunFolderError(
            f"{path}/manifest.json: does not name the Python version of the sandbox"
        )
    return ".".join(str(sandbox["python"]).split(".")[:2])
