"""Verdicts on a busy machine: sleeping counts, and waiting for a CPU does not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from sandbox import Job, Limits, Sandbox, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOOPS = 6
LIMIT = 0.4
ENOUGH = Limits(cpu_seconds=LIMIT, budget_seconds=LIMIT, wall_seconds=LIMIT)
BURN = "import time\ndef burn(seconds):\n    while time.process_time() < seconds: pass\n"


@pytest.fixture
def busy_cpus() -> Iterator[None]:
    """Keep all CPUs busy with endless loops, several on each."""
    cpus = len(os.sched_getaffinity(0))
    loops = [
        # the kernel may share the CPUs between sessions, not between processes
        subprocess.Popen([sys.executable, "-c", "while 1: pass"], start_new_session=True)
        for _ in range(LOOPS * cpus)
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
        for loop in loops:
            loop.wait()


async def verdict(box: Sandbox, program: str, test: str = "f()") -> tuple[Status, str]:
    outcome = (await box.run(Job(BURN + program, (test,), ENOUGH))).outcomes[0]
    return outcome.status, outcome.message


@pytest.mark.usefixtures("busy_cpus")
async def test_waiting_for_a_cpu_is_not_sleeping(box: Sandbox) -> None:
    work = f"burn({0.8 * LIMIT})"
    in_a_thread = (
        "import threading\ndef f():\n"
        f"    one = threading.Thread(target=burn, args=({0.8 * LIMIT},))\n"
        "    one.start()\n    one.join()"
    )
    start = time.monotonic()
    assert await verdict(box, f"def f(): {work}") == (Status.PASSED, "")
    assert time.monotonic() - start > 2 * LIMIT  # or the machine was not busy
    assert await verdict(box, in_a_thread) == (Status.PASSED, "")
    rested = f"def f():\n    time.sleep({0.8 * LIMIT})\n    {work}"
    assert await verdict(box, rested) == (Status.PASSED, "")


@pytest.mark.usefixtures("busy_cpus")
async def test_sleepers_end_on_a_busy_machine(box: Sandbox) -> None:
    waited = (Status.TIMEOUT, "waited too long")
    assert await verdict(box, "def f(): time.sleep(60)") == waited
    # waits for a CPU that overlap are subtracted twice: tenths of a second on a starved machine
    assert await verdict(box, f"def f(): time.sleep({3 * LIMIT})") == waited
    turns = "def f():\n    for _ in range(60): time.sleep(0.02); burn(time.process_time() + 0.002)"
    assert await verdict(box, turns) == waited
    status, message = await verdict(box, f"def f(): burn({1.5 * LIMIT})")
    assert status is Status.TIMEOUT
    assert "CPU time" in message


async def test_a_sleeper_a_little_over_the_limit_ends(box: Sandbox) -> None:
    limits = Limits(wall_seconds=2.0)
    (outcome,) = (await box.run(Job("import time", ("time.sleep(2.3)",), limits))).outcomes
    assert (outcome.status, outcome.message) == (Status.TIMEOUT, "waited too long")


async def test_the_allowance_of_a_job_is_that_of_its_tests(box: Sandbox) -> None:
    limits = Limits(cpu_seconds=0.2, budget_seconds=0.4, wall_seconds=0.8)
    job = Job("import time", ("time.sleep(0.65)",) * 5, limits)
    outcomes = (await box.run(job)).outcomes
    assert [outcome.passed for outcome in outcomes] == [True, True, False, False, False]
    assert outcomes[2].message == "waited too long"


async def test_many_tests_that_sleep_a_little_are_counted(box: Sandbox) -> None:
    job = Job("import time\ndef f(): time.sleep(0.03)", ("f()",) * 60, ENOUGH)
    outcomes = (await box.run(job)).outcomes
    assert 8 <= sum(outcome.passed for outcome in outcomes) <= 30  # 60 of 60 without a clock
