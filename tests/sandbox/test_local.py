"""The local backend: its processes, and their removal."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox import Job, Limits, Sandbox, SandboxConfig, open_sandbox

HANG = Job("while True: pass", ("pass",), Limits(cpu_seconds=600, budget_seconds=600))
FINE = Job("def f(): return 1", ("assert f() == 1",))


@pytest.fixture
async def local(others: set[int]) -> AsyncIterator[Sandbox]:
    config = SandboxConfig(backend="local", slots=1, allow_weak=True)
    async with open_sandbox(config) as box:
        yield box


def descendants(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found[1:]


def started(others: set[int]) -> list[int]:
    """Return the descendants that this process has started since it had only `others`."""
    return [pid for pid in descendants(os.getpid()) if pid not in others]


@pytest.fixture
def others() -> set[int]:
    """Return the processes that other tests left running, such as multiprocessing's tracker."""
    return set(descendants(os.getpid()))


async def test_cancelling_stops_the_program(local: Sandbox, others: set[int]) -> None:
    running = asyncio.create_task(local.run(HANG))
    await asyncio.sleep(0.3)
    before = set(started(others))
    running.cancel()
    async with asyncio.timeout(60):  # far below the limits of HANG
        assert (await local.run(FINE)).outcomes[0].passed
    assert before
    assert not before & set(started(others))


async def test_a_killed_judge_is_replaced(local: Sandbox, others: set[int]) -> None:
    slow = Job("import time\ntime.sleep(0.5)", ("pass",))
    running = asyncio.create_task(local.run(slow))
    await asyncio.sleep(0.2)
    os.kill(started(others)[0], 9)
    assert (await running).outcomes[0].passed


async def test_no_file_and_no_process_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, others: set[int]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    os.chmod(tmp_path, 0o711)  # noqa: S103 - a jail without its own root passes through it
    async with open_sandbox(SandboxConfig(backend="local", allow_weak=True)) as box:
        assert (await box.run(FINE)).outcomes[0].passed
        assert os.listdir(tmp_path)
    assert not os.listdir(tmp_path)
    assert not started(others)


async def test_limits_travel_with_the_job(local: Sandbox) -> None:
    limits = Limits(output_chars=3, evidence_chars=10)
    job = Job("print('abcdef')\ndef f(): return 'y' * 50", ("assert f() == 1",), limits)
    execution = await local.run(job)
    assert execution.stdout == "abc"
    assert execution.outcomes[0].actual == "'yyyyyy..."


async def test_a_job_too_large_to_send_is_the_callers_error(local: Sandbox) -> None:
    with pytest.raises(ValueError, match="bytes is over"):
        await local.run(Job("#" * (65 * 1024 * 1024), ("pass",)))
    assert (await local.run(FINE)).outcomes[0].passed
