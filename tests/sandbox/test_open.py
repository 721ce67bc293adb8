"""The function `open_sandbox`: its choice of a backend, and the modules it imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sandbox
from sandbox import SandboxConfig, SandboxUnavailable, open_sandbox
from sandbox.fake import FakeSandbox
from sandbox.judge_pool import JudgePool

FOLDER = Path(sandbox.__file__).parent
NO_ENGINE = "unix:///nonexistent/docker.sock"


def test_an_unknown_backend_names_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"'podman'.*auto, socket, docker, local, fake"):
        open_sandbox(SandboxConfig(backend="podman"))


async def test_fake_is_opened_by_name() -> None:
    async with open_sandbox(SandboxConfig(backend="fake")) as box:
        assert isinstance(box, FakeSandbox)


async def test_auto_falls_back_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)
    async with open_sandbox(SandboxConfig(slots=1, allow_weak=True)) as box:
        assert box.info.backend == "local"
        assert box.info.reason.startswith("local, because no Docker engine answers")
        assert "\n" not in box.info.reason


async def test_docker_by_name_is_an_error_if_no_engine_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)
    with pytest.raises(SandboxUnavailable, match="no Docker engine answers"):
        async with open_sandbox(SandboxConfig(backend="docker")):
            pass


async def test_a_weak_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    hello = {"python": "3", "enforced": ["resource limits"], "missing": [], "weak": True}

    async def open_weakly(_pool: JudgePool) -> dict[str, object]:
        return hello

    monkeypatch.setattr(JudgePool, "open", open_weakly)
    with pytest.raises(SandboxUnavailable, match=r"^[^\n]*--sandbox\.allow-weak$"):
        async with open_sandbox(SandboxConfig(backend="local")):
            pass
    async with open_sandbox(SandboxConfig(backend="local", allow_weak=True)) as box:
        assert box.info.enforced == ("resource limits",)


def test_importing_is_cheap() -> None:
    code = (
        "import sys; from sandbox import open_sandbox; "
        "print([n for n in ('docker', 'requests', 'agent', 'asyncio') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER.parent,
    )
    assert done.stdout == "[]\n"
