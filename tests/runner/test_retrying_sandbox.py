"""Waiting for a sandbox that fails: the delays, the retries and the order of jobs."""

from __future__ import annotations

import asyncio
from itertools import islice
from random import Random

import pytest

from agent.runner.retrying_sandbox import RetryingSandbox
from agent.support import retry
from agent.support.activity import Activity
from agent.support.retry import LONGEST_SECONDS, delays
from sandbox.fake import FakeSandbox
from sandbox.types import (
    Execution,
    Job,
    Limits,
    Outcome,
    SandboxUnavailable,
    Screen,
    Screened,
    Status,
)

JOB = Job("x = 1", ("assert x",), Limits())


class Broken:
    """A decision that fails `failures` times, and then lets every job pass."""

    def __init__(self, failures: int):
        self.left = failures

    def __call__(self, job: Job) -> Execution:
        self.left -= 1
        if self.left >= 0:
            raise SandboxUnavailable("no engine answers")
        return Execution((Outcome(Status.PASSED),))


def test_delays_double_up_to_a_cap_and_are_random() -> None:
    waits = list(islice(delays(Random(1)), 12))
    tops = [min(0.25 * 2**i, LONGEST_SECONDS) for i in range(12)]
    assert all(top / 2 <= wait <= top for wait, top in zip(waits, tops, strict=True))
    assert waits != list(islice(delays(Random(2)), 12))


async def test_a_job_is_retried_until_the_sandbox_works() -> None:
    said: list[str] = []
    activity = Activity()
    box = RetryingSandbox(FakeSandbox(Broken(2)), 2, 30, said.append, activity)
    assert (await box.run(JOB)).outcomes[0].passed
    assert said == ["sandbox: no engine answers; waiting up to 30 s for it"]
    assert activity.programs == 0
    assert box.info.backend == "fake"


async def test_with_no_time_to_wait_the_error_is_raised_at_once() -> None:
    said: list[str] = []
    box = RetryingSandbox(FakeSandbox(Broken(9)), 2, 0, said.append, Activity())
    with pytest.raises(SandboxUnavailable):
        await box.run(JOB)
    assert said == []


async def test_a_job_that_keeps_failing_while_others_pass_raises_its_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retry, "FIRST_SECONDS", 0.02)

    def decide(job: Job) -> Execution:
        if job.program == "bad":
            raise SandboxUnavailable("the judge failed")
        return Execution((Outcome(Status.PASSED),))

    said: list[str] = []
    box = RetryingSandbox(FakeSandbox(decide), 2, 0.3, said.append, Activity())

    async def others() -> None:
        for _ in range(30):
            await box.run(JOB)
            await asyncio.sleep(0.02)

    with pytest.raises(SandboxUnavailable):
        await asyncio.gather(box.run(Job("bad", ("assert x",), Limits())), others())


async def test_after_one_job_has_waited_in_vain_the_next_does_not_wait() -> None:
    said: list[str] = []
    box = RetryingSandbox(FakeSandbox(Broken(99)), 2, 0.2, said.append, Activity())
    with pytest.raises(SandboxUnavailable):
        await box.run(JOB)
    failures = box._sandbox._decide.left  # type: ignore[attr-defined]  # the fake's own count
    with pytest.raises(SandboxUnavailable):
        await box.run(JOB)
    assert box._sandbox._decide.left == failures - 1  # type: ignore[attr-defined]  # likewise
    assert len(said) == 1


async def test_a_screen_is_tried_again_like_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_SECONDS", 0.01)
    said: list[str] = []
    broken = Broken(2)

    class Screens(FakeSandbox):
        async def screen(self, screen: Screen) -> Screened:
            broken(Job(screen.programs[0], screen.tests))
            return await super().screen(screen)

    box = RetryingSandbox(Screens(), 2, 5.0, said.append, Activity())
    assert (await box.screen(Screen(("x = 1",), ("assert x",)))).passed == ((False,),)
    assert len(said) == 1


async def test_jobs_of_the_loop_run_before_jobs_of_the_scorer() -> None:
    order: list[str] = []

    def decide(job: Job) -> Execution:
        order.append(job.program)
        return Execution((Outcome(Status.PASSED),))

    box = RetryingSandbox(FakeSandbox(decide), 1, 0, print, Activity())
    jobs = [Job("score", ("assert x",), Limits(), trusted=True) for _ in range(6)]
    jobs += [Job("loop", ("assert x",), Limits()) for _ in range(3)]
    held = [box._slots.taken(1, 0) for _ in range(3)]
    for place in held:
        await place.__aenter__()
    running = asyncio.gather(*map(box.run, jobs))
    await asyncio.sleep(0.01)
    for place in held:
        await place.__aexit__(None, None, None)
    await running
    assert order == ["loop"] * 3 + ["score"] * 6
