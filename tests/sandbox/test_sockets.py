"""The socket backend: one judge per connection, and its removal. Docker is not needed."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox import (
    Job,
    Limits,
    Outcome,
    SandboxConfig,
    SandboxUnavailable,
    Status,
    open_sandbox,
    sockets,
)
from sandbox.judge import confine
from sandbox.judge.cleanup import _descendants
from tests.sandbox.listening import bare_listener, reaching, until

Listener = subprocess.Popen[bytes]
FINE = Job("def f(): return 1", ("assert f() == 1",))
EMPTY = Job("", ("import os; assert os.listdir('.') == []",))
HANG = Job(
    "import threading\nopen('left', 'w').close()\n"
    "threading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()\n"
    "while True: pass",
    ("pass",),
    Limits(cpu_seconds=60, budget_seconds=60),
)


def config(folder: Path, slots: int = 1) -> SandboxConfig:
    return SandboxConfig(backend="socket", sockets=str(folder), slots=slots, allow_weak=True)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    with bare_listener(tmp_path) as process:
        yield process


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Path, list[Listener]]]:
    """Start two listeners, linking both sockets into one folder: they share their host name."""
    both = tmp_path / "both"
    both.mkdir()
    with ExitStack() as stack:
        processes = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            processes.append(stack.enter_context(bare_listener(tmp_path / name)))
            (both / f"{name}.sock").symlink_to(sockets.living(tmp_path / name)[0])
        yield both, processes


def until_alone(listener: Listener) -> None:
    until(lambda: not _descendants(listener.pid))


async def started(listener: Listener, private: Path) -> None:
    """Wait until a program runs and has written a file."""
    await asyncio.to_thread(until, (private / "left").exists)
    assert len(_descendants(listener.pid)) >= 3


async def test_each_connection_has_its_own_judge(tmp_path: Path, listener: Listener) -> None:
    judges = []
    for _ in range(3):
        async with open_sandbox(config(tmp_path)) as box:
            assert box.info.backend == "socket"
            assert (await box.run(FINE)).outcomes[0].passed
            judges.append(_descendants(listener.pid)[0])
        until_alone(listener)
    assert len(set(judges)) == 3


async def test_a_host_that_disconnects_leaves_no_file_and_no_process(
    tmp_path: Path, listener: Listener
) -> None:
    async with open_sandbox(config(tmp_path)) as box:
        running = asyncio.create_task(box.run(HANG))
        await started(listener, tmp_path / "private")
        running.cancel()
    until_alone(listener)
    assert [*(tmp_path / "private").iterdir()] == []
    async with open_sandbox(config(tmp_path)) as box:
        assert (await box.run(EMPTY)).outcomes[0].passed


async def test_cancelling_frees_the_only_slot(tmp_path: Path, listener: Listener) -> None:
    async with open_sandbox(config(tmp_path)) as box:
        running = asyncio.create_task(box.run(HANG))
        await started(listener, tmp_path / "private")
        running.cancel()
        assert (await asyncio.wait_for(box.run(EMPTY), 30)).outcomes[0].passed


async def test_a_socket_serves_one_host_at_a_time(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_sandbox(config(tmp_path)):
        with monkeypatch.context() as patch:
            patch.setattr(sockets, "PATIENCE_SECONDS", 0.5)
            with pytest.raises(SandboxUnavailable, match=r"^no sandbox in \S+ is free: [^\n]*$"):
                async with open_sandbox(config(tmp_path)):
                    pass
    async with open_sandbox(config(tmp_path)) as box:
        assert (await box.run(FINE)).outcomes[0].passed


async def test_checking_which_sockets_answer_disturbs_no_job(
    tmp_path: Path, listener: Listener
) -> None:
    async with open_sandbox(config(tmp_path)) as box:
        for _ in range(100):  # more than the backlog holds
            assert sockets.living(tmp_path)
        assert (await box.run(FINE)).outcomes[0].passed


async def test_there_are_at_most_as_many_slots_as_sockets(two: tuple[Path, list[Listener]]) -> None:
    folder, listeners = two
    async with open_sandbox(config(folder, slots=5)) as box:
        assert all(_descendants(listener.pid) for listener in listeners)
        found = await asyncio.gather(*(box.run(FINE) for _ in range(10)))
    assert all(execution.outcomes[0].passed for execution in found)


async def test_there_are_at_most_as_many_slots_as_configured(
    two: tuple[Path, list[Listener]],
) -> None:
    folder, _ = two
    async with open_sandbox(config(folder)) as first, open_sandbox(config(folder)) as second:
        found = await asyncio.gather(first.run(FINE), second.run(FINE))
    assert all(execution.outcomes[0].passed for execution in found)


async def test_a_job_whose_judge_is_killed_goes_to_another(
    two: tuple[Path, list[Listener]], tmp_path: Path
) -> None:
    folder, (first, _) = two
    sleeping = Job("import time\nopen('left', 'w').close()\ntime.sleep(1)", ("pass",))
    async with open_sandbox(config(folder)) as box:
        running = asyncio.create_task(box.run(sleeping))
        await started(first, tmp_path / "a" / "private")
        first.kill()
        assert (await running).outcomes[0].passed


async def test_a_judge_that_is_gone_for_good_is_an_unavailable_sandbox(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_sandbox(config(tmp_path)) as box:
        monkeypatch.setattr(sockets, "PATIENCE_SECONDS", 0.5)
        running = asyncio.create_task(box.run(HANG))
        await started(listener, tmp_path / "private")
        listener.kill()
        with pytest.raises(SandboxUnavailable, match="gone"):
            await running


async def test_a_judge_that_comes_back_is_used_again(tmp_path: Path) -> None:
    with bare_listener(tmp_path) as process:
        async with open_sandbox(config(tmp_path)) as box:
            assert (await box.run(FINE)).outcomes[0].passed
            process.send_signal(signal.SIGKILL)
            process.wait()
            with bare_listener(tmp_path):
                assert (await box.run(FINE)).outcomes[0].passed


async def test_dead_sockets_are_skipped(tmp_path: Path, listener: Listener) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "0.sock"))
    (tmp_path / "1.sock").touch()
    (tmp_path / "2.sock").symlink_to("nowhere")
    async with open_sandbox(config(tmp_path, slots=2)) as box:
        assert (await box.run(FINE)).outcomes[0].passed
    assert len(sockets.living(tmp_path)) == 1


@pytest.mark.parametrize("name", [".", "missing"])
async def test_a_folder_without_a_listener_is_reported_in_one_line(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(SandboxUnavailable, match=r"^no sandbox answers in [^\n]*SANDBOX_SOCKETS$"):
        async with open_sandbox(config(tmp_path / name)):
            pass


async def test_auto_selects_a_socket_that_answers(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_SOCKETS", str(tmp_path))
    async with open_sandbox(SandboxConfig(slots=1, allow_weak=True)) as box:
        assert box.info.reason == f"socket, because 1 of them answer in {tmp_path}"


def test_a_listener_removes_its_socket_when_it_ends(tmp_path: Path) -> None:
    with bare_listener(tmp_path) as process:
        assert len([*tmp_path.glob("*.sock*")]) == 1
    assert process.returncode == 0
    assert not [*tmp_path.glob("*.sock*")]


async def test_a_program_cannot_reach_the_sockets(tmp_path: Path, listener: Listener) -> None:
    async with open_sandbox(config(tmp_path)) as box:
        if not {confine.FILES, confine.SYSCALLS} <= {*box.info.enforced}:
            pytest.skip("no Landlock or no seccomp here, and no container")
        job = Job(reaching(str(tmp_path), listener_name(tmp_path)), ("assert attempts() == []",))
        assert (await box.run(job)).outcomes == (Outcome(Status.PASSED),)


def listener_name(folder: Path) -> str:
    return sockets.living(folder)[0].name
