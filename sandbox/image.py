"""The Docker image that programs run in, built once from the Dockerfile in this folder.

Its tag is a hash of its contents: if the judge, the base image or the list of packages changes, the
image is built again; otherwise the existing image is found by its tag.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import re
import socket
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.types import SandboxConfig, SandboxUnavailable

if TYPE_CHECKING:
    from docker import DockerClient

REPOSITORY = "codeloop-sandbox"
DEFAULT_ENGINE = "unix:///var/run/docker.sock"
LABEL = "codeloop.sandbox"
ENGINE_SECONDS = 60
BUILD_SECONDS = 600  # pip can run for minutes without output
_FOLDER = Path(__file__).parent
_ENGINE_LINES = ("Step ", "--->", "Removing intermediate")  # lines of the engine, not of a command


@dataclass(frozen=True)
class Image:
    """An image that exists in the engine."""

    name: str
    digest: str


def base_image(config: SandboxConfig) -> str:
    """Return the base image: from the config, $SANDBOX_BASE_IMAGE, or the Python version."""
    named = config.base_image or os.environ.get("SANDBOX_BASE_IMAGE")
    return named or f"python:{config.python}-slim"


def connect() -> DockerClient:
    """Return a client of the engine in $DOCKER_HOST, by default the local one.

    Raises SandboxUnavailable if the engine does not answer or does not admit this user.
    """
    import docker
    from docker.errors import DockerException

    address = os.environ.get("DOCKER_HOST") or DEFAULT_ENGINE
    try:
        _knock(address)
        return docker.from_env(timeout=ENGINE_SECONDS)
    except PermissionError as error:
        raise SandboxUnavailable(
            f"this user may not use the Docker engine at {address}: join its group, or name "
            "another engine with DOCKER_HOST"
        ) from error
    except (DockerException, OSError) as error:
        raise SandboxUnavailable(f"no Docker engine answers ({_first_line(error)})") from error


def _knock(address: str) -> None:
    """Raise OSError if the engine's Unix socket does not accept connections.

    The client would fail later, and leave its socket open.
    """
    scheme, _, path = address.partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)


def is_podman(client: DockerClient) -> bool:
    """Whether the engine is Podman, which reads some settings differently from Docker."""
    parts = client.version().get("Components") or ()
    return any(part.get("Name") == "Podman Engine" for part in parts)


async def ensure_image(config: SandboxConfig) -> Image:
    """Find the image or build it. Raises SandboxUnavailable if neither is possible."""
    return await asyncio.to_thread(_ensure, base_image(config), config.packages)


def _ensure(base: str, packages: tuple[str, ...]) -> Image:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    client = connect()
    try:
        return _find_or_build(client, base, packages)
    except (DockerException, RequestException, OSError) as error:
        raise SandboxUnavailable(
            f"the image cannot be built on {_description(base, packages)} ({_cause(error)}); name "
            "another base image with --sandbox.base-image or SANDBOX_BASE_IMAGE"
        ) from error
    finally:
        client.close()


def _find_or_build(client: DockerClient, base: str, packages: tuple[str, ...]) -> Image:
    from docker.errors import ImageNotFound

    try:
        base_id = client.images.get(base).id or base
    except ImageNotFound:
        print(f"sandbox: pulling {base} (once)", file=sys.stderr)
        base_id = client.images.pull(base).id or base
    files = _inputs()
    digest = hashlib.sha256("\0".join((base_id, *packages)).encode())
    for name, data in files.items():
        digest.update(f"\0{name}\0{len(data)}\0".encode() + data)
    name = f"{REPOSITORY}:{digest.hexdigest()[:16]}"
    try:
        return Image(name, client.images.get(name).id or "")
    except ImageNotFound:
        print(f"sandbox: building {name} on {_description(base, packages)} (once)", file=sys.stderr)
    image, _ = client.images.build(
        fileobj=_context(files),
        custom_context=True,
        tag=name,
        buildargs={"BASE_IMAGE": base, "PACKAGES": " ".join(packages)},
        timeout=BUILD_SECONDS,
        labels={LABEL: "image"},
        rm=True,
        forcerm=True,
    )
    return Image(name, image.id or "")


def _inputs() -> dict[str, bytes]:
    """Return the files of the build context by name."""
    paths = [_FOLDER / "Dockerfile", *sorted((_FOLDER / "judge").glob("*.py"))]
    return {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in paths}


def _context(files: dict[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)  # owner root, time 0: the same bytes on every machine
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    stream.seek(0)
    return stream


def _description(base: str, packages: tuple[str, ...]) -> str:
    return f"{base} with {', '.join(packages)}" if packages else base


def _cause(error: BaseException) -> str:
    """Return one line: the last output of a failed build, or else the engine's explanation."""
    text = "".join(part.get("stream", "") for part in getattr(error, "build_log", ()))
    lines = [re.sub(r"\x1b\[\d*m", "", line).strip() for line in text.splitlines()]
    output = [line for line in lines if line and not line.startswith(_ENGINE_LINES)]
    return output[-1][:200] if output else _first_line(error)


def _first_line(error: BaseException) -> str:
    text = getattr(error, "explanation", None) or str(error)
    return (str(text).splitlines() or [type(error).__name__])[0][:200]
