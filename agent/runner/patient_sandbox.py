"""Waiting for what may come back: a server that is busy, an engine that restarts."""

from __future__ import annotations

import asyncio
import time
from random import Random

from agent.support.activity import Activity, Say
from agent.support.retry import delays
from agent.support.semaphore import PrioritySemaphore
from sandbox.base import Sandbox
from sandbox.types import Execution, Job, SandboxInfo, SandboxUnavailable

_READY = 2


class PatientSandbox:
    """A sandbox whose machinery may fail for a while: jobs that it lost are run again.

    The loops' jobs go before those that score: a loop that waits leaves the model idle.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        slots: int,
        patience: float,
        say: Say,
        activity: Activity,
    ):
        self._sandbox = sandbox
        # A few more than can run, so that none of the sandbox's own waits for us.
        self._slots = PrioritySemaphore(slots + _READY)
        self._patience = patience
        self._say = say
        self._activity = activity
        self._random = Random(0)
        self._failed_since: float | None = None

    @property
    def info(self) -> SandboxInfo:
        """The sandbox's own."""
        return self._sandbox.info

    async def run(self, job: Job) -> Execution:
        """Run a job, again where the machinery failed it.

        Raises SandboxUnavailable where it has failed for longer than there is patience.
        """
        with self._activity.running():
            async with self._slots.taken(1, rank=int(job.trusted)):
                return await self._run(job)

    async def _run(self, job: Job) -> Execution:
        waits, start = delays(self._random), time.monotonic()
        while True:
            try:
                execution = await self._sandbox.run(job)
            except SandboxUnavailable as error:
                # Others may have waited before; and others that succeed are no help to this job.
                since = min(start, self._failing_since(error))
                if time.monotonic() - since >= self._patience:
                    raise
                await asyncio.sleep(next(waits))
            else:
                self._failed_since = None
                return execution

    def _failing_since(self, error: SandboxUnavailable) -> float:
        """When the machinery began to fail, which is said once."""
        if self._failed_since is None:
            self._failed_since = time.monotonic()
            if self._patience:
                self._say(f"sandbox: {error}; waiting up to {self._patience:g} s for it")
        return self._failed_since
