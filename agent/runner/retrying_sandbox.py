"""Retries of sandbox jobs: a server may be busy for a while, or an engine may restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeVar

from agent.support.activity import Activity, Say
from agent.support.retry import delays
from agent.support.semaphore import PrioritySemaphore
from sandbox.base import Sandbox
from sandbox.types import Execution, Job, SandboxInfo, SandboxUnavailable, Screen, Screened

ResultT = TypeVar("ResultT")

_READY = 2
"""Jobs to hand to the sandbox beyond its slots, so that a free slot is filled at once."""


class RetryingSandbox:
    """A sandbox that retries jobs on which its machinery failed, with growing pauses.

    Jobs of the loop go before jobs that score: a loop that waits leaves the model idle.
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
        # A few more jobs than slots, so that no slot of the sandbox waits for its next job.
        self._slots = PrioritySemaphore(slots + _READY)
        self._patience = patience
        self._say = say
        self._activity = activity
        self._random = Random(0)
        self._failed_since: float | None = None

    @property
    def info(self) -> SandboxInfo:
        """The wrapped sandbox's information."""
        return self._sandbox.info

    async def run(self, job: Job) -> Execution:
        """Run a job, and retry it if the machinery fails.

        Raises SandboxUnavailable if the machinery has failed for `patience` seconds.
        """
        return await self._retried(lambda: self._sandbox.run(job), rank=int(job.trusted))

    async def screen(self, screen: Screen) -> Screened:
        """Try many programs on the same tests. Retries and raises like `run`."""
        return await self._retried(lambda: self._sandbox.screen(screen), rank=0)

    async def _retried(self, call: Callable[[], Awaitable[ResultT]], rank: int) -> ResultT:
        with self._activity.running():
            async with self._slots.taken(1, rank=rank):
                return await self._until_done(call)

    async def _until_done(self, call: Callable[[], Awaitable[ResultT]]) -> ResultT:
        waits, start = delays(self._random), time.monotonic()
        while True:
            try:
                result = await call()
            except SandboxUnavailable as error:
                # The failure may be older than this job; a success of another job does not help.
                since = min(start, self._failing_since(error))
                if time.monotonic() - since >= self._patience:
                    raise
                await asyncio.sleep(next(waits))
            else:
                self._failed_since = None
                return result

    def _failing_since(self, error: SandboxUnavailable) -> float:
        """Return the time at which the machinery began to fail; report the first failure."""
        if self._failed_since is None:
            self._failed_since = time.monotonic()
            if self._patience:
                self._say(f"sandbox: {error}; waiting up to {self._patience:g} s for it")
        return self._failed_since
