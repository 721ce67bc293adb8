"""The Docker image that programs run in: found, or built once from this folder's Dockerfile.

Its tag is a hash of what goes into it, so a changed judge or base image gives a fresh build, and an
unchanged one costs a look-up.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
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
DEFAULT_BASE = "python:3.12-slim"
LABEL = "codeloop.sandbox"
ENGINE_SECONDS = 60
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Image:
    """An image that is there."""

    name: str
    digest: str


def base_image(config: SandboxConfig) -> str:
    """The image to build on: from the config, else the environment, else the default."""
    return config.base_image or os.environ.get("SANDBOX_BASE_IMAGE") or DEFAULT_BASE


def connect() -> DockerClient:
    """A client of the engine that the environment names. Raises SandboxUnavailable."""
    import docker
    from docker.errors import DockerException

    try:
        _knock(os.environ.get("DOCKER_HOST") or DEFAULT_ENGINE)
        return docker.from_env(timeout=ENGINE_SECONDS)
    except (DockerException, OSError) as error:
        raise SandboxUnavailable(f"no Docker engine answers ({_first_line(error)})") from error


def _knock(address: str) -> None:
    """Fail early and cleanly: the client would leave its own socket open."""
    scheme, _, path = address.partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)


async def ensure_image(config: SandboxConfig) -> Image:
    """Find the image or build it. Raises SandboxUnavailable where neither is possible."""
    return await asyncio.to_thread(_ensure, base_image(config))


def _ensure(base: str) -> Image:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    client = connect()
    try:
        return _find_or_build(client, base)
    except (DockerException, RequestException, OSError) as error:
        raise SandboxUnavailable(
            f"the image cannot be built on {base} ({_first_line(error)}); name another with "
            "--sandbox.base-image or SANDBOX_BASE_IMAGE"
        ) from error
    finally:
        client.close()


def _find_or_build(client: DockerClient, base: str) -> Image:
    from docker.errors import ImageNotFound

    try:
        base_id = client.images.get(base).id or base
    except ImageNotFound:
        print(f"sandbox: pulling {base} (once)", file=sys.stderr)
        base_id = client.images.pull(base).id or base
    files = _inputs()
    digest = hashlib.sha256(base_id.encode())
    for name, data in files.items():
        digest.update(f"\0{name}\0{len(data)}\0".encode() + data)
    name = f"{REPOSITORY}:{digest.hexdigest()[:16]}"
    try:
        return Image(name, client.images.get(name).id or "")
    except ImageNotFound:
        print(f"sandbox: building {name} on {base} (once)", file=sys.stderr)
    image, _ = client.images.build(
        fileobj=_context(files),
        custom_context=True,
        tag=name,
        buildargs={"BASE_IMAGE": base},
        labels={LABEL: "image"},
        rm=True,
        forcerm=True,
    )
    return Image(name, image.id or "")


def _inputs() -> dict[str, bytes]:
    """What the image is made of, by its name in the build context."""
    paths = [_FOLDER / "Dockerfile", *sorted((_FOLDER / "judge").glob("*.py"))]
    return {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in paths}


def _context(files: dict[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)  # owner root, time 0: the same bytes everywhere
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    stream.seek(0)
    return stream


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
