"""The clock of sleeping on its own, and the committed programs near the limits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.bench.load_programs import CPU, SLEEP, SLEEPERS, cases
from sandbox.judge import sleeping
from sandbox.judge.sleeping import SleepClock

WORK = "import threading, time\ndef work():\n    while time.process_time() < 0.4: pass\n"


def slept(code: str) -> tuple[float, float]:
    """Run code that works and then sleeps. Return its sleep by the clock, and the true one."""
    proc = sleeping.usable_proc(None)
    assert proc is not None
    child = subprocess.Popen([sys.executable, "-S", "-c", WORK + code])

    def worked() -> float:
        return time.clock_gettime((~child.pid << 3) | 2)

    try:
        watched = SleepClock(proc, worked(), {child.pid: sleeping.waits_of(proc, child.pid)})
        while worked() < 0.4:
            time.sleep(0.03)
            watched.look()
        start = time.monotonic()
        while time.monotonic() < start + 0.5 or watched.look():
            time.sleep(0.03)
            if not watched.look():
                watched.settle(worked(), time.monotonic())
        return watched.read(worked(), time.monotonic()), time.monotonic() - start
    finally:
        os.close(proc)
        child.kill()
        child.wait()


@pytest.mark.parametrize(
    "code",
    [
        "work(); time.sleep(60)",
        "one = threading.Thread(target=work); one.start(); one.join(); time.sleep(60)",
    ],
    ids=["alone", "in-a-thread"],
)
def test_only_the_time_without_work_is_sleeping(code: str) -> None:
    found, true = slept(code)
    assert 0.35 < found < true + 0.15


def test_without_schedstat_a_quarter_of_the_time_counts() -> None:
    watched = SleepClock(None, 0.0, {os.getpid(): (0, 0)})
    time.sleep(0.2)
    assert not watched.look()
    assert 0.04 < watched.read(0.0, time.monotonic()) < 0.1


def test_a_folder_that_is_not_the_own_proc_is_refused(tmp_path: Path) -> None:
    other = os.open(tmp_path, os.O_RDONLY)
    try:
        assert sleeping.usable_proc(other) is None
    finally:
        os.close(other)


def test_the_committed_programs_are_fifty_near_a_limit_and_sixteen_sleepers() -> None:
    chosen = list(cases(3.0))
    assert (2 * len(CPU + SLEEP), len(SLEEPERS)) == (50, 16)
    assert len({case.job for case in chosen}) == 66
    assert sum(case.passes for case in chosen) == 25
