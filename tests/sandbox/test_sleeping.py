"""The clock of sleeping on its own, and the committed programs near the limits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.bench.load_programs import CPU, SLEEP, SLEEPERS, cases
from sandbox.judge import sleeping
from sandbox.judge.sleeping import SleepClock, StolenTime

WORK = "import threading, time\ndef work():\n    while time.process_time() < 0.4: pass\n"


def slept(code: str) -> tuple[float, float]:
    """Run code that works and then sleeps. Return its sleep by the clock, and the true one."""
    proc = sleeping.usable_proc(None)
    assert proc is not None
    child = subprocess.Popen([sys.executable, "-S", "-c", WORK + code])

    def worked() -> float:
        return time.clock_gettime((~child.pid << 3) | 2)

    try:
        before = {child.pid: sleeping.waits_of(proc, child.pid)}
        watched = SleepClock(proc, StolenTime(proc), worked(), before)
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
    watched = SleepClock(None, StolenTime(None), 0.0, {os.getpid(): (0, 0)})
    time.sleep(0.2)
    assert not watched.look()
    assert 0.04 < watched.read(0.0, time.monotonic()) < 0.1


@pytest.fixture
def false_proc(tmp_path: Path) -> Iterator[int]:
    """Yield the descriptor of a folder that stands for /proc, with the sleeping process 7."""
    (tmp_path / "7" / "task" / "7").mkdir(parents=True)
    (tmp_path / "7" / "task" / "7" / "stat").write_text("7 (python) S 1")
    (tmp_path / "7" / "task" / "7" / "schedstat").write_text("0 0 1")
    folder = os.open(tmp_path, os.O_RDONLY)
    yield folder
    os.close(folder)


def set_steal(folder: Path, *ticks: int) -> None:
    """Write what each CPU has lost since the machine started, as the kernel does."""
    rows = [f"cpu{cpu} 5 0 5 90 0 0 0 {lost} 0 0" for cpu, lost in enumerate(ticks)]
    total = f"cpu  10 0 10 180 0 0 0 {sum(ticks)} 0 0"
    (folder / "stat").write_text("\n".join([total, *rows, "intr 12 3", ""]))


def test_what_the_host_took_is_not_sleeping(false_proc: int, tmp_path: Path) -> None:
    second = os.sysconf("SC_CLK_TCK")
    set_steal(tmp_path, 3 * second, 700 * second)
    watched = SleepClock(false_proc, StolenTime(false_proc), 0.0, {7: (0, 0)})
    start = time.monotonic()
    set_steal(tmp_path, 5 * second, 701 * second)
    assert not watched.look()
    assert watched.read(0.0, start + 10) == pytest.approx(8, abs=0.1)  # the larger of 2 and 1
    watched.settle(0.0, start + 10)
    assert not watched.look()
    assert watched.read(0.0, start + 11) == pytest.approx(9, abs=0.1)


@pytest.mark.parametrize("text", ["", "cpu 1 2 3\ncpu0 1 2 3\n", "cpu\ncpu0 a b c d e f g h\n"])
def test_a_kernel_that_does_not_tell_took_nothing(
    text: str, false_proc: int, tmp_path: Path
) -> None:
    (tmp_path / "stat").write_text(text)
    assert StolenTime(false_proc).read() == 0.0
    (tmp_path / "stat").unlink()
    assert StolenTime(false_proc).read() == 0.0


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
