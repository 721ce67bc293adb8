"""The fake sandbox, which runs no program."""

from __future__ import annotations

from sandbox import Execution, Job, Outcome, Screen, Status
from sandbox.fake import FakeSandbox


async def test_it_passes_programs_that_parse_and_records_the_jobs() -> None:
    box = FakeSandbox()
    good, bad = Job("x = 1", ("a", "b")), Job("def (", ("a",))
    assert [o.status for o in (await box.run(good)).outcomes] == [Status.PASSED] * 2
    outcome = (await box.run(bad)).outcomes[0]
    assert (outcome.status, outcome.line) == (Status.SYNTAX_ERROR, 1)
    assert box.jobs == [good, bad]


async def test_its_outcomes_can_come_from_a_function() -> None:
    box = FakeSandbox(lambda job: Execution((Outcome(Status.TIMEOUT),) * len(job.tests)))
    assert (await box.run(Job("", ("a",)))).outcomes == (Outcome(Status.TIMEOUT),)


async def test_nothing_passes_a_screen() -> None:
    box = FakeSandbox()
    found = await box.screen(Screen(("x = 1", "def ("), ("a", "b", "c")))
    assert found.passed == ((False,) * 3,) * 2
    assert found.timed_out == (False, False)
    assert box.jobs == []
