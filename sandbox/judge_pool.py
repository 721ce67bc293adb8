"""A pool of judges, as the host sees them: slots, back-pressure, cancellation, replacement.

All backends that run programs use it; each passes a `start` function that starts one judge. A
program that misbehaves gets an outcome; a judge that cannot be started raises SandboxUnavailable.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sandbox.judge import frames, sleeping
from sandbox.types import (
    Execution,
    Job,
    Limits,
    Outcome,
    SandboxInfo,
    SandboxUnavailable,
    Screen,
    Screened,
    Status,
)

GRACE_SECONDS = 20.0
START_SECONDS = 60.0
DEATHS_THAT_CONVICT = 2
_LARGEST_BATCH = 250
"""Programs of a screen in one process."""


@dataclass(frozen=True)
class Link:
    """A running judge: its streams, and a function that ends it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    end: Callable[[], Awaitable[None]]


@dataclass
class _Slot:
    index: int
    link: Link | None = None


class _JudgeDiedError(Exception):
    """The judge's stream ended or broke, for example because a program ended its judge."""


class _JudgeSilentError(Exception):
    """The judge did not answer long after every limit.

    The judge enforces those limits itself, so this means that the machine is stalled.
    """


class JudgePool:
    """A fixed number of slots with one judge each."""

    def __init__(self, start: Callable[[int], Awaitable[Link]], slots: int) -> None:
        if slots < 1:
            raise ValueError(f"slots must be at least 1, not {slots}")
        self._start = start
        self._slots = [_Slot(index) for index in range(slots)]
        self._free: asyncio.Queue[_Slot] = asyncio.Queue()
        self._ending: set[asyncio.Task[None]] = set()
        self._greeting: dict[str, Any] = {}
        self._closed = False

    async def open(self) -> dict[str, Any]:
        """Start all judges at once, and return a greeting, which lists the enforced protections."""
        hellos = await asyncio.gather(
            *(self._fill(slot) for slot in self._slots), return_exceptions=True
        )
        for hello in hellos:
            if isinstance(hello, BaseException):
                await self.close()
                raise hello
        for slot in self._slots:
            self._free.put_nowait(slot)
        return self._greeting

    async def close(self) -> None:
        """End every judge and wait until all have exited."""
        self._closed = True
        for slot in self._slots:
            self._retire(slot)
        await asyncio.gather(*self._ending)

    def batches(self, programs: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Divide the programs of a screen among the slots."""
        size = min(_LARGEST_BATCH, max(1, -(-len(programs) // len(self._slots))))
        return [programs[start : start + size] for start in range(0, len(programs), size)]

    async def run(self, job: Job, screen: tuple[str, ...] = ()) -> Execution:
        """Run a job on the next free slot. Raises SandboxUnavailable if the judge fails.

        With `screen`, the job's tests are programs, and `screen` the tests that each of them runs.
        """
        frame = frames.encode({**asdict(job), "screen": screen})
        slot = await self._free.get()
        try:
            return await self._run_on(slot, frame, job)
        finally:
            self._free.put_nowait(slot)

    async def _run_on(self, slot: _Slot, frame: bytes, job: Job) -> Execution:
        """Run the job. If its judge dies, run it again; if the next one dies too, blame the job."""
        silent = False
        for _ in range(DEATHS_THAT_CONVICT):
            try:
                return await self._ask(slot, frame, job)
            except _JudgeDiedError:
                continue
            except _JudgeSilentError:
                silent = True
        if silent:
            raise SandboxUnavailable("a judge did not answer in time")
        await self._fill(slot)  # a new judge starts: the machine works, so the job is to blame
        verdict = Outcome(Status.CRASHED, message="ended its judge twice")
        return Execution((verdict,) * len(job.tests))

    async def _ask(self, slot: _Slot, frame: bytes, job: Job) -> Execution:
        link = await self._fill(slot)
        kept = False
        try:
            async with asyncio.timeout(sleeping.longest_wall(asdict(job.limits)) + GRACE_SECONDS):
                link.writer.write(frame)
                await link.writer.drain()
                answer = await _receive(link)
            if "error" in answer:
                raise SandboxUnavailable(f"the judge failed: {answer['error']}")
            kept = True
            return _execution(answer)
        except TimeoutError:
            raise _JudgeSilentError from None
        except (OSError, EOFError) as error:
            raise _JudgeDiedError from error
        finally:
            if not kept:  # also on cancellation: the program must stop with its caller
                self._retire(slot)

    async def _fill(self, slot: _Slot) -> Link:
        """Return the slot's judge; if there is none, start one and read its greeting."""
        if self._closed:
            raise SandboxUnavailable("the sandbox is closed")
        if slot.link is not None:
            return slot.link
        try:
            async with asyncio.timeout(START_SECONDS):
                slot.link = link = await self._start(slot.index)
                if self._closed:  # the pool was closed while the judge started
                    raise EOFError
                greeting = await _receive(link)
            if "error" in greeting:
                raise SandboxUnavailable(f"the judge did not start: {greeting['error']}")
            self._greeting = greeting
        except TimeoutError:
            self._retire(slot)
            raise SandboxUnavailable(f"no judge started within {START_SECONDS:g} s") from None
        except (OSError, EOFError) as error:
            self._retire(slot)
            raise SandboxUnavailable("the judge ended while starting") from error
        except (asyncio.CancelledError, SandboxUnavailable):
            self._retire(slot)
            raise
        return link

    def _retire(self, slot: _Slot) -> None:
        """Remove the judge from its slot at once, and end it in the background."""
        link, slot.link = slot.link, None
        if link is not None:
            task = asyncio.ensure_future(_end(link))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


class PooledSandbox:
    """A sandbox that runs its jobs on a pool of judges."""

    def __init__(self, pool: JudgePool, info: SandboxInfo, memory_mb: int = 0) -> None:
        self._pool, self._info, self._memory_mb = pool, info, memory_mb

    @property
    def info(self) -> SandboxInfo:
        """The backend, and the protections that it enforces on this machine."""
        return self._info

    async def run(self, job: Job) -> Execution:
        """Run one program against its tests.

        Raises ValueError if the job asks for more memory than a slot has.
        """
        self._check_memory(job.limits)
        return await self._pool.run(job)

    async def screen(self, screen: Screen) -> Screened:
        """Try many programs on the same tests. Raises ValueError like `run`."""
        self._check_memory(screen.limits)
        count, tests = len(screen.programs), len(screen.tests)
        if not tests:
            return Screened(((),) * count, (False,) * count)

        async def run(programs: tuple[str, ...]) -> Execution:
            # each program has its own limit; this is only a bound, with room for fresh processes
            budget = 2 * (screen.limits.cpu_seconds + 1) * len(programs)
            limits = replace(screen.limits, budget_seconds=budget)
            job = Job("", programs, limits, prelude=screen.prelude, isolation="shared")
            return await self._pool.run(job, screen.tests)

        tasks = [asyncio.ensure_future(run(some)) for some in self._pool.batches(screen.programs)]
        try:
            found = await asyncio.gather(*tasks)
        finally:  # if one failed, or this call is cancelled, the others stop
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        outcomes = [outcome for execution in found for outcome in execution.outcomes]
        return Screened(
            tuple(_passed(outcome, tests) for outcome in outcomes),
            tuple(outcome.status is Status.TIMEOUT for outcome in outcomes),
            sum(execution.cpu_seconds for execution in found),
        )

    def _check_memory(self, limits: Limits) -> None:
        if 0 < self._memory_mb < limits.memory_mb:
            raise ValueError(
                f"the job asks for {limits.memory_mb} MiB, a slot has {self._memory_mb}"
            )


def _passed(outcome: Outcome, tests: int) -> tuple[bool, ...]:
    """Return whether a screened program passed each test; none if it ended its process."""
    if len(outcome.value) != tests:
        return (False,) * tests
    return tuple(character == frames.HOLDS for character in outcome.value)


async def _end(link: Link) -> None:
    link.writer.close()
    await link.end()


async def _receive(link: Link) -> dict[str, Any]:
    size = int.from_bytes(await link.reader.readexactly(frames.HEADER_BYTES), "big")
    if size > frames.MAX_FRAME_BYTES:
        raise EOFError("not a frame")
    try:
        answer: dict[str, Any] = json.loads(await link.reader.readexactly(size))
    except ValueError as error:
        raise EOFError("not a frame") from error
    return answer


def _execution(answer: dict[str, Any]) -> Execution:
    outcomes = tuple(
        Outcome(**{**fields, "status": Status(fields["status"])}) for fields in answer["outcomes"]
    )
    return Execution(outcomes, answer["stdout"], float(answer.get("cpu_seconds", 0)))
