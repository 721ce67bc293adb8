"""Resuming a run: its settings, its folder, and the checks that nothing else has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agent.config import RunConfig
from agent.errors import ConfigError, RunFolderError
from agent.models.fingerprint import ServedIdentity, identity_of, told_apart
from agent.models.opening import OpenedModel
from agent.runner.folder import RunFolder, new_folder, point_latest_at, refuse_used
from agent.runner.lock import LOCK, locked
from agent.runner.provenance import with_start
from agent.runner.versions import made_values, settings_of
from agent.settings import differences, dump_yaml, load_config
from agent.support.activity import Say, silent
from agent.support.files import dump_json


def pin_model(config: RunConfig, opened: OpenedModel) -> RunConfig:
    """Return the settings with the opened model in place of `auto`, so that a resumed run uses it.

    A resumed run keeps its context length, even if its server reports another one. Raises
    ConfigError if an answer could fill the whole context.
    """
    asked = config.model.context
    if config.model.backend == "recorded":
        return config
    backend = opened.model.identity.partition("/")[0]
    found: dict[str, object] = {"backend": backend}
    if opened.known is not None:
        found["name"] = opened.known.name
    if config.model.context is None:
        found["context"] = opened.context if config.resume is None else made_context(config.resume)
    model = config.model.model_copy(update=found)
    try:
        model.check_context()
    except ValueError as error:
        if asked is not None or opened.context is None:
            raise ConfigError(str(error)) from None
        raise ConfigError(
            f"model.max_tokens: {model.max_tokens}, but the server's context is {model.context} "
            f"tokens, and a prompt needs space, too: give --model.max-tokens "
            f"{max(1, (model.context or 2) // 2)}, or serve the model with a longer context"
        ) from None
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
def open_folder(
    config: RunConfig,
    manifest: dict[str, object],
    known: ServedIdentity | None = None,
    say: Say = silent,
) -> Iterator[RunFolder]:
    """Lock and yield a run folder: a new one with config and manifest, or the one to resume.

    The manifest of a resumed run gets the servers of this start, too. `known` is the identity of a
    served model. Raises RunFolderError if another process holds the folder's lock, if a new run
    would overwrite a file, or if the run to resume was made with another model, dataset, prompt,
    plug-in or Python.
    """
    if config.resume is not None:
        with locked(config.resume):
            folder = RunFolder.open(config.resume)
            _check(folder, manifest, known, say)
            made = folder.manifest()
            if (merged := with_start(made, manifest)) != made:
                folder.write("manifest.json", dump_json(merged))
            yield folder
        return
    path = config.out or new_folder(Path("runs"))
    if not (path / LOCK).exists():
        refuse_used(path)  # before a lock file is created in a folder that is not a run
    with locked(path):
        folder = RunFolder.create(path, manifest, dump_yaml(config))
        if path.parent.resolve() == Path("runs").resolve():
            point_latest_at(path)
        yield folder


def _check(
    folder: RunFolder, manifest: Mapping[str, object], known: ServedIdentity | None, say: Say
) -> None:
    """Raise RunFolderError if a run to resume does not match the new manifest."""
    _check_model(folder, str(manifest["model"]), known, say)
    keys = ("dataset", "prompts", "plugins", "tasks")
    made = check_made_with(folder, {key: manifest[key] for key in keys})
    there, here = _python(made, folder.path), _python(manifest, folder.path)
    if there != here:
        raise RunFolderError(
            f"{folder.path} was made with Python {there} in the sandbox, not {here}"
        )


def _check_model(folder: RunFolder, model: str, known: ServedIdentity | None, say: Say) -> None:
    """Raise RunFolderError if a run was made with another model than the one that is open.

    A run of a former version knows its model by the name alone; a line says so.
    """
    manifest = folder.manifest()
    made, server = manifest.get("model"), manifest.get("server")
    if known is None or made == model:
        check_made_with(folder, {"model": model})
    elif made == known.plain:
        say(
            f"run: {folder.path} is of a former version, which knew a model by its name only; its "
            f"answers are taken as those of {model}"
        )
    else:
        facts = server.get("identity") if isinstance(server, dict) else None
        there = identity_of(facts)
        if there is None or there.plain != known.plain:
            check_made_with(folder, {"model": model})
        else:
            raise RunFolderError(
                f"{folder.path} was made with another model of the name {known.name}: here, "
                f"{told_apart(there, known)}; if you know that the model is the same, give "
                f"--model.label {there.mark}, else start a new run"
            )


def check_made_with(folder: RunFolder, now: Mapping[str, object]) -> dict[str, object]:
    """Return a run's manifest. Raises RunFolderError if it differs from `now` in one of its keys.

    Runs of format 1 had no plug-ins by path, and their manifests have no such key. A prompt for
    drafts or repairs that the run's version did not have is not one that the run used.
    """
    made: dict[str, object] = {"plugins": {}} | folder.manifest()
    for key, value in now.items():
        there, here = made.get(key), value
        if key == "prompts" and isinstance(there, dict) and isinstance(here, dict):
            later = {n for n in here.keys() - there if n.startswith(("draft/", "repair/"))}
            here = {name: value for name, value in here.items() if name not in later}
        if there != here:
            other = {"plugins": "other plug-ins", "prompts": "other templates"}.get(
                key, f"another {key}"
            )
            raise RunFolderError(f"{folder.path} was made with {other}: {there!s:.200}")
    return made


def _python(manifest: Mapping[str, object], path: Path) -> str:
    """Return the sandbox's Python version, as 3.12: verdicts may depend on it."""
    sandbox = manifest.get("sandbox")
    if not isinstance(sandbox, dict) or "python" not in sandbox:
        raise RunFolderError(
            f"{path}/manifest.json: does not name the Python version of the sandbox"
        )
    return ".".join(str(sandbox["python"]).split(".")[:2])
