"""Waiting: how long, and for what."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from agent.gauges import Gauges
from agent.patience import LONGEST_SECONDS, PatientSandbox, delays
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Limits, Outcome, SandboxUnavailable, Status

JOB = Job("x = 1", ("assert x",), Limits())


class Broken:
    """Fails so many times, and then runs what it is given."""

    def __init__(self, failures: int):
        self.left = failures

    def __call__(self, job: Job) -> Execution:
        self.left -= 1
        if self.left >= 0:
            raise SandboxUnavailable("no engine answers")
        return Execution((Outcome(Status.PASSED),))


def test_waits_double_up_to_a_cap_and_differ() -> None:
    waits = list(islice(delays(Random(1)), 12))
    tops = [min(0.25 * 2**i, LONGEST_SECONDS) for i in range(12)]
    assert all(top / 2 <= wait <= top for wait, top in zip(waits, tops, strict=True))
    assert waits != list(islice(delays(Random(2)), 12))


async def test_a_job_that_the_machinery_lost_is_run_again() -> None:
    said: list[str] = []
    gauges = Gauges()
    box = PatientSandbox(FakeSandbox(Broken(2)), 2, 30, said.append, gauges)
    assert (await box.run(JOB)).outcomes[0].passed
    assert said == ["sandbox: no engine answers; waiting up to 30 s for it"]
    assert gauges.programs == 0
    assert box.info.backend == "fake"


async def test_patience_ends() -> None:
    said: list[str] = []
    box = PatientSandbox(FakeSandbox(Broken(9)), 2, 0, said.append, Gauges())
    with pytest.raises(SandboxUnavailable):
        await box.run(JOB)
    assert said == []
