"""The wheel: built, installed with the lock into an empty environment, and used there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from agent import __version__
from agent.support.data import ROOT
from tests.runner.test_run import dataset

RUNTIME = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]


def run(*command: str | Path, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    own = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME"}
    env = {key: value for key, value in os.environ.items() if key not in own}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the tree, so that the tree stays clean."""
    folder = tmp_path_factory.mktemp("package")
    tree = folder / "tree"
    ignored = shutil.ignore_patterns(".venv*", ".git", "runs", "__pycache__", ".*_cache", "build")
    shutil.copytree(ROOT, tree, ignore=ignored)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet")
    run(*pip, "--no-deps", "--wheel-dir", folder, tree, cwd=folder)
    (found,) = folder.glob("codeloop-*.whl")
    return found


def needed() -> set[str]:
    """Return the names of the core's requirements, direct and indirect, as installed here."""
    found: set[str] = set()
    waiting = [(line, {""}) for line in RUNTIME]
    while waiting:
        line, extras = waiting.pop()
        one = Requirement(line)
        name = canonicalize_name(one.name)
        marker = one.marker
        wanted = not marker or any(marker.evaluate({"extra": extra}) for extra in extras)
        if wanted and name not in found:
            found.add(name)
            waiting += [(need, {"", *one.extras}) for need in metadata.requires(name) or ()]
    return found


def locked(path: Path) -> Path:
    """Write the lock without the packages that only developers need."""
    wanted = needed()
    parts = re.split(
        r"^(?=\S)", (ROOT / "requirements.lock").read_text("utf-8"), flags=re.MULTILINE
    )
    kept = [part for part in parts if canonicalize_name(part.partition("==")[0]) in wanted]
    assert len(kept) > 40
    path.write_text("".join(kept))
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """Return the bin folder of an environment with only the wheel and its locked requirements."""
    venv = wheel.parent / "venv"
    run(sys.executable, "-m", "venv", venv, cwd=wheel.parent)
    pip = (venv / "bin" / "pip", "--disable-pip-version-check", "install", "--quiet")
    lock = locked(wheel.parent / "requirements.lock")
    run(*pip, "--no-compile", "--no-deps", "--require-hashes", "-r", lock, cwd=wheel.parent)
    run(venv / "bin" / "pip", "check", cwd=wheel.parent)
    run(*pip, "--no-deps", wheel, cwd=wheel.parent)
    return venv / "bin"


def test_the_wheel_has_what_runs_need_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = f"codeloop-{__version__}.dist-info"
        said = archive.read(f"{info}/METADATA").decode()
    assert {
        *(
            "agent/py.typed",
            "agent/_data/prompts/draft/function.j2",
            "agent/_data/configs/default.yaml",
        ),
        *("agent/_data/configs/versions/1.yaml", "agent/repair/watch/inside.py"),
        *(
            "sandbox/seccomp.json",
            "sandbox/Dockerfile",
            "experiments/studies/templates/study.html.j2",
        ),
        f"{info}/licenses/LICENSE",
    } <= names
    for folder in ("prompts", "configs"):
        files = {p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*") if p.is_file()}
        assert {f"agent/_data/{name}" for name in files} <= names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"agent", "sandbox", "experiments", info}
    assert "License-Expression: MIT" in said
    assert "Requires-Dist: anyio" not in said
    assert 'Requires-Dist: matplotlib>=3.9; extra == "plots"' in said


def test_the_installed_command_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    codeloop = installed / "codeloop"
    assert run(codeloop, "--version", cwd=tmp_path).stdout == f"codeloop {__version__}\n"
    assert run(codeloop, "run", "--help", cwd=tmp_path).stdout.startswith("usage: codeloop run")
    given = ("--dataset", dataset(tmp_path), "--limit", "2", "--model", "embedded")
    done = run(codeloop, "run", "--rounds", "3", "--sandbox", "local", *given, cwd=tmp_path)
    assert "final pass@1" in done.stdout
    (folder,) = {path.resolve() for path in (tmp_path / "runs").glob("*/")}
    assert len((folder / "results.jsonl").read_text().splitlines()) == 2
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["git"] == {"commit": None}
    assert "2 traces audited" in run(codeloop, "audit", folder, cwd=tmp_path).stdout
    assert "Own/0" in run(codeloop, "show", folder, cwd=tmp_path).stdout
    assert "selector (--selector" in run(codeloop, "plugins", cwd=tmp_path).stdout
    module = (installed / "python", "-m", "agent.run", "--help")
    assert run(*module, cwd=tmp_path).stdout.startswith("usage: python -m agent.run")


def test_settings_that_come_along_are_found_from_any_folder(
    installed: Path, tmp_path: Path
) -> None:
    codeloop = installed / "codeloop"
    preset = ("--config", "configs/models/qwen3-0.6b.yaml", "--model", "embedded")
    given = ("--dataset", dataset(tmp_path), "--limit", "1", "--sandbox", "local", "--rounds", "0")
    refused = run(codeloop, "run", *preset, *given, cwd=tmp_path, code=2)
    assert "needs a server, not the embedded synthesiser" in refused.stderr
    missing = run(codeloop, "run", "--config", "configs/models/none.yaml", cwd=tmp_path, code=2)
    assert "configs/models/none.yaml: cannot be read" in missing.stderr
    study = ("ablate", "configs/studies/repair.yaml")
    plots = "matplotlib is not installed: pip install 'codeloop[plots]'"
    assert plots in run(codeloop, *study, cwd=tmp_path, code=2).stderr
