"""A private Docker engine, which tests can stop, kill and empty without harm to the machine's."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from sandbox.image import LABEL, REPOSITORY, base_image
from sandbox.types import SandboxConfig

if TYPE_CHECKING:
    from docker import DockerClient

START_SECONDS = 30.0


class EngineError(RuntimeError):
    """A private engine cannot be started on this machine."""


class Engine:
    """A dockerd that keeps all its files in one folder; its containers have no network."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"unix://{folder / 'socket'}"

    def start(self) -> None:
        """Start the engine and wait until it answers. Raises EngineError."""
        paths = {"data-root": "data", "exec-root": "exec", "pidfile": "pid"}
        options = [f"--{option}={self._folder / name}" for option, name in paths.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "dockerd",
                    f"--host={self.address}",
                    "--bridge=none",
                    "--iptables=false",
                    *options,
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise EngineError(f"dockerd did not start: {self._last_log_line()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the engine as an upgrade would: its containers end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=START_SECONDS)

    def restart(self) -> None:
        """Stop the engine and start it again."""
        self.stop()
        self.start()

    @contextmanager
    def client(self) -> Iterator[DockerClient]:
        """Open a client of the engine."""
        import docker

        with closing(docker.DockerClient(base_url=self.address)) as client:
            yield client

    def kill_containers(self, count: int | None = None) -> int:
        """Kill the containers of slots, all or `count`. Return how many were killed."""
        with self.client() as client:
            slots: dict[str, str | list[str] | bool] = {"label": f"{LABEL}=slot"}
            found = client.containers.list(filters=slots, ignore_removed=True)[:count]
            for container in found:
                container.kill()
            return len(found)

    def remove_images(self) -> None:
        """Remove the sandbox's image, even while containers use it; the base image stays."""
        with self.client() as client:
            for image in client.images.list(name=REPOSITORY):
                client.images.remove(str(image.id), force=True)

    def load(self, name: str) -> None:
        """Copy an image from the machine's own engine. Raises EngineError."""
        import docker
        from docker.errors import DockerException

        try:
            with closing(docker.from_env()) as others, TemporaryFile() as file:
                file.writelines(others.images.get(name).save(named=True))
                file.seek(0)
                with self.client() as client:
                    client.images.load(file)
        except DockerException as error:
            raise EngineError(f"cannot load {name}: {error}") from None

    def _answers(self) -> bool:
        """Whether the engine answers; the docker library would leave a refused socket open."""
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(self.address.removeprefix("unix://")) != 0:
                return False
        with self.client() as client:
            return bool(client.ping())

    def _last_log_line(self) -> str:
        lines = (self._folder / "log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else "its log is empty"


@contextmanager
def own_engine(folder: Path) -> Iterator[Engine]:
    """Run an engine that has the base image. Raises EngineError if that is not possible."""
    if os.getuid() != 0 or shutil.which("dockerd") is None:
        raise EngineError("needs root and dockerd")
    engine = Engine(folder)
    try:
        engine.start()
        engine.load(base_image(SandboxConfig()))
        yield engine
    finally:
        engine.stop()
