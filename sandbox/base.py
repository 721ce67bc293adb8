"""The protocol that every backend keeps, and the door to it: `open_sandbox`."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sandbox.types import Execution, Job, SandboxConfig, SandboxInfo


class Sandbox(Protocol):
    """Runs untrusted programs. Many jobs may be awaited at once; slots set how many run."""

    @property
    def info(self) -> SandboxInfo:
        """What this backend is and enforces here."""
        ...

    async def run(self, job: Job) -> Execution:
        """Run one program against its tests.

        Raises SandboxUnavailable when the machinery fails, never because of what a program did.
        """
        ...


def open_sandbox(config: SandboxConfig) -> AbstractAsyncContextManager[Sandbox]:
    """Open the backend that `config` names; leaving the context stops everything it started.

    Raises ValueError for an unknown backend (the message lists those that exist), and on entry
    SandboxUnavailable where the backend cannot run here.
    """
    raise NotImplementedError  # the sandbox's author fills this in
