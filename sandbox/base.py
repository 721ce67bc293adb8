"""The protocol that every backend implements, and `open_sandbox`, which opens one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

from sandbox.types import (
    Execution,
    Job,
    SandboxConfig,
    SandboxInfo,
    SandboxUnavailable,
    Screen,
    Screened,
)

BACKENDS = ("auto", "socket", "docker", "local", "fake")


class Sandbox(Protocol):
    """A runner of untrusted programs.

    Callers may await many jobs at once; the number of slots limits how many of them run.
    """

    @property
    def info(self) -> SandboxInfo:
        """The backend, and the protections that it enforces on this machine."""
        ...

    async def run(self, job: Job) -> Execution:
        """Run one program against its tests.

        Raises ValueError if the job is larger than 64 MiB, and SandboxUnavailable if the sandbox
        itself fails, never because of what a program did.
        Cancelling the call stops the program.
        """
        ...

    async def screen(self, screen: Screen) -> Screened:
        """Try many programs on the same tests, far faster than `run` but without its walls.

        The result is a hint: run what passes as a job. Raises like `run`.
        """
        ...


def open_sandbox(
    config: SandboxConfig, private: Iterable[Path] = ()
) -> AbstractAsyncContextManager[Sandbox]:
    """Open the backend that `config` names; leaving the context stops everything it started.

    `private` are files and folders that programs must not read, such as the answers to a problem.
    Raises ValueError if the backend is unknown (the message lists the known ones), and
    SandboxUnavailable on entry if the backend cannot run on this machine, or shows programs a
    private path.
    """
    if config.backend not in BACKENDS:
        raise ValueError(
            f"unknown sandbox backend {config.backend!r}: choose from {', '.join(BACKENDS)}"
        )
    return _open(config, tuple(private))


@asynccontextmanager
async def _open(config: SandboxConfig, private: tuple[Path, ...]) -> AsyncIterator[Sandbox]:
    if config.backend == "fake":
        from sandbox.fake import FakeSandbox

        yield FakeSandbox()
        return
    backend, reason = config.backend, ""
    if backend == "auto":
        backend, reason = await _choose(config)
    if backend == "docker":
        from sandbox.docker import open_docker
        from sandbox.packages import check_private, find_packages

        for package in config.packages:  # if it is installed here, its files there are the same
            with suppress(SandboxUnavailable):
                found = find_packages([package])
            check_private(private, found.values())
        async with open_docker(config, reason) as docker:
            yield docker
    elif backend == "socket":
        from sandbox.sockets import open_socket

        async with open_socket(config, reason) as sockets:
            yield sockets
    else:
        from sandbox.local import open_local

        async with open_local(config, reason, private) as local:
            yield local


async def _choose(config: SandboxConfig) -> tuple[str, str]:
    """Return the backend for `auto` and the reason for the choice.

    Socket judges that answer come first, then Docker if it is available, then `local`.
    """
    from sandbox.image import ensure_image
    from sandbox.packages import find_packages
    from sandbox.sockets import folder_of, living

    folder = folder_of(config)
    own_image = bool(config.packages or config.runtime)
    if not own_image and (found := living(folder)):
        return "socket", f"socket, because {len(found)} of them answer in {folder}"
    try:
        image = await ensure_image(config)
    except SandboxUnavailable as error:
        if config.runtime:  # only containers have one
            raise
        try:
            find_packages(config.packages)
        except SandboxUnavailable as missing:
            raise SandboxUnavailable(f"{error}; the local backend: {missing}") from error
        return "local", f"local, because {error}"
    return "docker", f"docker, because an engine answers and has {image.name}"
