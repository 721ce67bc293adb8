"""The image and the containers' options: the engine's requests, and refusals in one line."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from docker.errors import BuildError, ImageNotFound

from sandbox import (
    Job,
    SandboxConfig,
    SandboxUnavailable,
    conformance,
    container,
    image,
    open_sandbox,
)
from sandbox import docker as backend
from sandbox.image import base_image, ensure_image
from sandbox.types import PYTHONS

LIVE = [pytest.mark.docker, pytest.mark.usefixtures("docker_engine")]
PODMAN = {"Components": [{"Name": "Podman Engine"}]}


class Engine:
    """A fake engine that has only the base image, and records the arguments of a build."""

    def __init__(self) -> None:
        self.images = self.api = self
        self.built: dict[str, Any] = {}
        self.fault: Exception | None = None
        self.found: list[Any] = []

    def get(self, name: str) -> Any:
        if name.startswith(image.REPOSITORY):
            raise ImageNotFound("none")
        return type("Found", (), {"id": "sha256:base"})

    def build(self, **named: Any) -> tuple[Any, None]:
        self.built = named
        if self.fault:
            raise self.fault
        return type("Built", (), {"id": "sha256:built"}), None

    def containers(self, **_named: Any) -> list[Any]:
        return self.found

    def version(self) -> dict[str, Any]:
        return PODMAN

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(image, "connect", lambda: engine)
    monkeypatch.delenv("SANDBOX_BASE_IMAGE", raising=False)
    return engine


@pytest.mark.parametrize("version", PYTHONS)
def test_a_python_version_selects_its_base_image(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.delenv("SANDBOX_BASE_IMAGE", raising=False)
    assert base_image(SandboxConfig(python=version)) == f"python:{version}-slim"


def test_a_given_base_image_overrides_the_python_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_BASE_IMAGE", "from/environment")
    assert base_image(SandboxConfig(python="3.9")) == "from/environment"
    assert base_image(SandboxConfig(python="3.9", base_image="own")) == "own"


@pytest.mark.parametrize("version", ["3.8", "3.15", "3", "3.12.1", ""])
def test_a_wrong_version_is_refused_with_the_right_ones(version: str) -> None:
    with pytest.raises(
        ValueError, match=rf"^python must be one of 3\.9, .*3\.14, not '{version}'$"
    ):
        SandboxConfig(python=version)


@pytest.mark.parametrize("package", ["numpy", "numpy==2.1.0", "scikit-learn", "zope.interface==7"])
def test_plain_packages_are_accepted(package: str) -> None:
    assert SandboxConfig(packages=(package,)).packages == (package,)


@pytest.mark.parametrize(
    "package",
    [
        "",
        "-r",
        "--index-url=x",
        "numpy;reboot",
        "$(id)",
        "a b",
        "a\n",
        "a>=1",
        "./a",
        "a==",
        "a==*",
    ],
)
def test_anything_else_is_refused_as_a_package(package: str) -> None:
    with pytest.raises(ValueError, match="a package must be NAME or NAME==VERSION"):
        SandboxConfig(packages=("numpy", package))


@pytest.mark.parametrize(
    ("backend", "options"),
    [
        ("local", {"runtime": "runsc"}),
        ("socket", {"runtime": "runsc"}),
        ("socket", {"packages": ("numpy",)}),
    ],
)
def test_a_backend_refuses_options_that_it_cannot_fulfil(
    backend: str, options: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=rf"^\w+ needs? the docker (or local )?backend.*{backend}"):
        SandboxConfig(backend=backend, **options)


@pytest.mark.parametrize("options", [{"packages": ("nonesuch",)}, {"runtime": "runsc"}])
async def test_auto_without_docker_refuses_what_only_docker_provides(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    with pytest.raises(SandboxUnavailable, match="no Docker engine answers"):
        async with open_sandbox(SandboxConfig(backend="auto", **options)):
            pass


async def test_a_build_is_announced_and_its_tag_depends_on_its_inputs(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = await ensure_image(SandboxConfig())
    assert engine.built["buildargs"] == {"BASE_IMAGE": "python:3.12-slim", "PACKAGES": ""}
    assert capsys.readouterr().err == f"sandbox: building {plain.name} on python:3.12-slim (once)\n"
    packed = await ensure_image(SandboxConfig(python="3.9", packages=("numpy", "pandas==2.2.3")))
    assert engine.built["buildargs"] == {
        "BASE_IMAGE": "python:3.9-slim",
        "PACKAGES": "numpy pandas==2.2.3",
    }
    assert "on python:3.9-slim with numpy, pandas==2.2.3 (once)\n" in capsys.readouterr().err
    other = await ensure_image(SandboxConfig(packages=("numpy",)))
    assert len({plain.name, packed.name, other.name}) == 3
    assert (await ensure_image(SandboxConfig(packages=("numpy",)))).name == other.name


async def test_a_failed_build_reports_the_last_line_of_its_log(engine: Engine) -> None:
    log = ["Step 3/8 : RUN pip", " ---> Running in 1", "\x1b[91mERROR: No match for nope\n\x1b[0m"]
    engine.fault = BuildError("code: 1", iter({"stream": f"{line}\n"} for line in log))
    expected = (
        r"^the image .* python:3.12-slim with nope \(ERROR: No match for nope\); .*base-image"
    )
    with pytest.raises(SandboxUnavailable, match=expected):
        await ensure_image(SandboxConfig(packages=("nope",)))


def test_a_missing_permission_for_the_engine_has_its_own_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_address: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(image, "_knock", refuse)
    monkeypatch.setenv("DOCKER_HOST", "unix:///some.sock")
    with pytest.raises(SandboxUnavailable, match=r"may not use .* at unix:///some\.sock: .*HOST$"):
        image.connect()


@pytest.mark.parametrize(
    "wrong", [["--packages", "a b"], ["--python", "3.8"], ["local", "--runtime", "runsc"]]
)
def test_the_command_refuses_wrong_options_in_one_line(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        conformance.main(wrong)
    assert exit_.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_podman_gets_a_profile_file_and_only_options_it_supports(engine: Engine) -> None:
    assert image.is_podman(engine)  # type: ignore[arg-type]
    settings = container.settings(SandboxConfig(), podman=True)
    path = settings["security_opt"][1].removeprefix("seccomp=")
    assert Path(path).is_file()
    assert not {"uid", "gid", "nr_inodes"} & {
        option.partition("=")[0] for option in settings["tmpfs"]["/tmp"].split(",")
    }


def test_a_runtime_is_refused_with_podman(engine: Engine) -> None:
    with pytest.raises(SandboxUnavailable, match=r"containers\.conf"):
        backend._prepare(engine, SandboxConfig(runtime="runsc"))  # type: ignore[arg-type]


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(container, "remove", lambda _client, name: names.append(name))
    return names


def test_a_reused_pid_does_not_keep_a_leftover_container(
    engine: Engine, removed: list[str]
) -> None:
    def left(name: str, labels: dict[str, str], host: str = socket.gethostname()) -> Any:
        owner = {container.OWNER_LABEL: f"{host}:{os.getpid()}"}
        return {"Id": name, "Labels": owner | labels}

    own = container.settings(SandboxConfig())["labels"][container.OWNER_START_LABEL]
    assert own.isdigit()
    stale = {container.OWNER_START_LABEL: "1"}
    engine.found = [
        left("mine", {container.OWNER_START_LABEL: own}),
        left("reused", stale),
        left("unlabelled", {}),
        left("elsewhere", stale, "another-host"),
    ]
    container.remove_leftovers(engine)  # type: ignore[arg-type]
    assert removed == ["reused"]


class TestReal:
    """Tests with this machine's own engine."""

    pytestmark = LIVE

    async def test_an_unknown_runtime_names_those_that_exist(self) -> None:
        config = SandboxConfig(backend="docker", slots=1, runtime="nosuch")
        with pytest.raises(SandboxUnavailable, match=r"no runtime 'nosuch': it has .*runc"):
            async with open_sandbox(config):
                pass

    async def test_a_runtime_is_used_and_reported(self) -> None:
        config = SandboxConfig(backend="docker", slots=1, runtime="runc")
        async with open_sandbox(config) as box:
            assert "container runtime runc" in box.info.enforced
            done = await box.run(Job("def f(): return 1", ("assert f() == 1",)))
            assert done.outcomes[0].passed

    async def test_a_leftover_of_a_reused_pid_is_removed(self) -> None:
        async with open_sandbox(SandboxConfig(backend="docker", slots=1)) as box:
            name = box.info.image
        labels = container.settings(SandboxConfig())["labels"] | {container.OWNER_START_LABEL: "1"}
        client = image.connect()
        try:
            left = await asyncio.to_thread(client.containers.create, name, labels=labels)
            await asyncio.to_thread(container.remove_leftovers, client)
            assert left.id not in [one.id for one in client.containers.list(all=True, sparse=True)]
        finally:
            client.close()
