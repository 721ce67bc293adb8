"""The socket backend with containers as in docker-compose.yml."""

from __future__ import annotations

import asyncio
import stat
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from sandbox import Job, Limits, Sandbox, SandboxConfig, SandboxUnavailable, open_sandbox, sockets
from sandbox.judge import confine, surroundings
from tests.sandbox.listening import SHARED, containers, reaching, until, wait_for

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("docker_engine")]
FINE = Job("def f(): return 1", ("assert f() == 1",))
SLEEP = Job("import time\ntime.sleep(2)", ("pass",))


def opened(folder: Path) -> AbstractAsyncContextManager[Sandbox]:
    return open_sandbox(SandboxConfig(backend="socket", sockets=str(folder)))


async def test_a_judge_reports_all_protections_of_its_container() -> None:
    async with containers(1) as (folder, _), opened(folder) as box:
        assert {*surroundings.WALLS, confine.FILES} <= {*box.info.enforced}
        assert box.info.missing == ()
        with pytest.raises(ValueError, match="the job asks for 4096 MiB, a slot has 2048"):
            await box.run(Job("", ("pass",), Limits(memory_mb=4096)))


async def test_a_judge_reports_missing_protections() -> None:
    limits = ("mem_limit", "memswap_limit", "pids_limit", "nano_cpus", "cap_drop", "security_opt")
    none: dict[str, Any] = dict.fromkeys((*limits, "ipc_mode"))
    async with (
        containers(1, **none, user="0", read_only=False) as (folder, _),
        opened(folder) as box,
    ):
        assert {*surroundings.WALLS} - {*box.info.missing} == {surroundings.NO_NETWORK}


async def test_a_program_cannot_reach_or_change_the_sockets() -> None:
    async with containers(1) as (folder, (container,)):
        path = folder / f"{container.short_id}.sock"
        assert sockets.living(folder) == [path]
        attack = (
            f"import os\nfor path in {SHARED!r}, {f'{SHARED}/{path.name}'!r}:\n"
            "    try: os.chmod(path, 0)\n    except OSError: pass\n"
        )
        async with opened(folder) as box:
            for program in (attack + reaching(SHARED, path.name), reaching(SHARED, path.name)):
                outcome = (await box.run(Job(program, ("assert attempts() == []",)))).outcomes[0]
                assert outcome.passed, outcome
        async with opened(folder) as box:
            assert (await box.run(FINE)).outcomes[0].passed
            assert stat.S_IMODE(path.stat().st_mode) == 0o666
        assert stat.S_IMODE(folder.stat().st_mode) == 0o1777


async def test_a_host_that_disconnects_leaves_only_the_listener() -> None:
    async with containers(1) as (folder, (container,)):
        async with opened(folder) as box:
            running = asyncio.create_task(box.run(SLEEP))
            await asyncio.sleep(0.5)
            assert len(container.top()["Processes"]) > 1
            running.cancel()
            assert (await box.run(FINE)).outcomes[0].passed
        until(lambda: len(container.top()["Processes"]) == 1)


async def test_a_container_killed_during_a_job_gives_no_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with containers(2) as (folder, both), opened(folder) as box:
        running = [asyncio.create_task(box.run(SLEEP)) for _ in both]
        await asyncio.sleep(0.5)
        with monkeypatch.context() as patch:
            patch.setattr(sockets, "PATIENCE_SECONDS", 0.5)
            await asyncio.to_thread(both[0].kill)
            found = await asyncio.gather(*running, return_exceptions=True)
        unavailable = [one for one in found if isinstance(one, SandboxUnavailable)]
        judged = [one for one in found if not isinstance(one, BaseException)]
        assert (len(unavailable), len(judged)) == (1, 1)
        assert judged[0].outcomes[0].passed
        await asyncio.to_thread(both[0].start)  # as its restart policy would do
        await asyncio.to_thread(wait_for, folder, 2)
        again = await asyncio.gather(*(box.run(FINE) for _ in range(4)))
        assert all(execution.outcomes[0].passed for execution in again)
