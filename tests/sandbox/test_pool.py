"""The pool of judges on the host, with judges that follow a script."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from sandbox import Job, Limits, SandboxUnavailable, Status
from sandbox.judge import frames
from sandbox.judge_pool import JudgePool, Link

HELLO = {"python": "3.0"}
PASS = {"outcomes": [{"status": "passed"}], "stdout": ""}
JOB = Job("", ("t",), Limits())
QUICK = Job("", ("t",), Limits(cpu_seconds=0.01, budget_seconds=0.01, wall_seconds=0.01))
Script = Callable[[int, dict[str, Any]], dict[str, Any] | None]


class Judges:
    """Judges whose answers are a function of their number and the job.

    None as an answer ends the judge; an empty one makes it hang.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.started = 0
        self.ended = 0
        self.hang = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, _index: int) -> Link:
        self.started += 1
        jobs, answers = asyncio.StreamReader(), asyncio.StreamReader()
        answers.feed_data(frames.encode(HELLO))
        self._tasks.append(asyncio.create_task(self._serve(self.started, jobs, answers)))

        async def end() -> None:
            self.ended += 1
            answers.feed_eof()

        return Link(answers, Pipe(jobs), end)  # type: ignore[arg-type]

    async def _serve(
        self, number: int, jobs: asyncio.StreamReader, answers: asyncio.StreamReader
    ) -> None:
        while not jobs.at_eof():
            try:
                size = int.from_bytes(await jobs.readexactly(4), "big")
            except asyncio.IncompleteReadError:
                return
            answer = self.script(number, json.loads(await jobs.readexactly(size)))
            if answer is None:
                answers.feed_eof()
                return
            if not answer:
                await self.hang.wait()
            answers.feed_data(frames.encode(answer))


class Pipe:
    """The part of a StreamWriter that the pool uses."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    def write(self, data: bytes) -> None:
        self._reader.feed_data(data)

    async def drain(self) -> None:
        await asyncio.sleep(0)

    def close(self) -> None:
        self._reader.feed_eof()


@asynccontextmanager
async def pool_of(judges: Judges, slots: int = 1) -> AsyncIterator[JudgePool]:
    pool = JudgePool(judges.start, slots)
    try:
        await pool.open()
        yield pool
    finally:
        await pool.close()


async def test_every_judge_that_is_started_is_ended() -> None:
    judges = Judges(lambda number, job: PASS)
    async with pool_of(judges, slots=3) as pool:
        executions = await asyncio.gather(*(pool.run(JOB) for _ in range(20)))
    assert all(execution.outcomes[0].passed for execution in executions)
    assert (judges.started, judges.ended) == (3, 3)


async def test_a_judge_that_dies_is_replaced_and_its_job_runs_again() -> None:
    judges = Judges(lambda number, job: None if number == 1 else PASS)
    async with pool_of(judges) as pool:
        assert (await pool.run(JOB)).outcomes[0].passed
    assert (judges.started, judges.ended) == (2, 2)


async def test_a_job_that_ends_two_judges_counts_as_crashed() -> None:
    judges = Judges(lambda number, job: None if job["program"] == "bad" else PASS)
    async with pool_of(judges) as pool:
        outcome = (await pool.run(Job("bad", ("t",)))).outcomes[0]
        assert outcome.status is Status.CRASHED
        assert "twice" in outcome.message
        assert (await pool.run(JOB)).outcomes[0].passed
    assert judges.started == 3


async def test_a_judge_that_cannot_be_replaced_is_an_unavailable_sandbox() -> None:
    judges = Judges(lambda number, job: None)
    async with pool_of(judges) as pool:

        async def refuse(_index: int) -> Link:
            raise SandboxUnavailable("the engine is gone")

        pool._start = refuse
        with pytest.raises(SandboxUnavailable, match="gone"):
            await pool.run(JOB)


async def test_a_judge_that_reports_an_error_is_replaced() -> None:
    judges = Judges(lambda number, job: {"error": "no more processes"} if number == 1 else PASS)
    async with pool_of(judges) as pool:
        with pytest.raises(SandboxUnavailable, match="no more processes"):
            await pool.run(JOB)
        assert (await pool.run(JOB)).outcomes[0].passed


async def test_cancelling_frees_the_slot_at_once() -> None:
    judges = Judges(lambda number, job: {} if number == 1 else PASS)
    async with pool_of(judges) as pool:
        hanging = asyncio.create_task(pool.run(JOB))
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(pool.run(JOB))
        hanging.cancel()
        assert (await asyncio.wait_for(waiting, 60)).outcomes[0].passed
        with pytest.raises(asyncio.CancelledError):
            await hanging
    assert (judges.started, judges.ended) == (2, 2)


async def test_cancelling_a_queued_job_loses_no_slot() -> None:
    judges = Judges(lambda number, job: {} if job["program"] == "hang" else PASS)
    async with pool_of(judges) as pool:
        hanging = asyncio.create_task(pool.run(Job("hang", ("t",))))
        await asyncio.sleep(0.01)
        queued = asyncio.create_task(pool.run(JOB))
        await asyncio.sleep(0.01)
        queued.cancel()
        hanging.cancel()
        await asyncio.gather(queued, hanging, return_exceptions=True)
        assert (await asyncio.wait_for(pool.run(JOB), 60)).outcomes[0].passed


async def test_a_silent_judge_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.judge_pool.GRACE_SECONDS", 0.05)
    judges = Judges(lambda number, job: {} if number == 1 else PASS)
    async with pool_of(judges) as pool:
        assert (await pool.run(QUICK)).outcomes[0].passed


async def test_silent_judges_are_an_unavailable_sandbox_and_not_a_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sandbox.judge_pool.GRACE_SECONDS", 0.05)
    judges = Judges(lambda number, job: {})
    async with pool_of(judges) as pool:
        with pytest.raises(SandboxUnavailable, match="did not answer in time"):
            await pool.run(QUICK)
    assert judges.started == judges.ended


async def test_a_judge_that_starts_after_closing_is_ended() -> None:
    judges = Judges(lambda number, job: PASS)
    slow = asyncio.Event()

    async def start(index: int) -> Link:
        link = await judges.start(index)
        if judges.started > 1:
            await slow.wait()
        return link

    pool = JudgePool(start, 1)
    await pool.open()
    pool._retire(pool._slots[0])
    running = asyncio.create_task(pool.run(JOB))
    await asyncio.sleep(0)
    await pool.close()
    slow.set()
    with pytest.raises(SandboxUnavailable):
        await running
    await asyncio.sleep(0)
    assert judges.started == judges.ended


async def test_a_closed_pool_runs_nothing() -> None:
    judges = Judges(lambda number, job: PASS)
    async with pool_of(judges) as pool:
        pass
    with pytest.raises(SandboxUnavailable, match="closed"):
        await pool.run(JOB)


def test_no_slots_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        JudgePool(Judges(lambda number, job: PASS).start, 0)
