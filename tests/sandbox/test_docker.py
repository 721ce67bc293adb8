"""The Docker backend: its containers, and their removal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from docker import DockerClient

from sandbox import Job, Limits, SandboxConfig, SandboxUnavailable, open_sandbox
from sandbox.container import OWNER_LABEL, remove, remove_leftovers
from sandbox.image import LABEL, connect

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("docker_engine")]
HANG = Job("while True: pass", ("pass",), Limits(cpu_seconds=600, budget_seconds=600))
FINE = Job("def f(): return 1", ("assert f() == 1",))
ONE = SandboxConfig(backend="docker", slots=1)


@pytest.fixture
def client(docker_engine: None) -> Iterator[DockerClient]:
    engine = connect()
    yield engine
    engine.close()


def slots(client: DockerClient, pid: int) -> list[Any]:
    found = client.containers.list(filters={"label": f"{LABEL}=slot"}, ignore_removed=True)
    return [one for one in found if one.labels[OWNER_LABEL].endswith(f":{pid}")]


async def test_containers_are_hardened_and_removed(client: DockerClient) -> None:
    async with open_sandbox(ONE) as box:
        assert box.info.image.startswith("sha256:")
        (container,) = slots(client, os.getpid())
        host, config = container.attrs["HostConfig"], container.attrs["Config"]
        assert (host["NetworkMode"], host["IpcMode"]) == ("none", "none")
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert not host["CapAdd"]
        assert not host["Privileged"]
        assert not host["Binds"]
        assert host["Memory"] == host["MemorySwap"] == 2048 * 1024 * 1024
        assert host["PidsLimit"] == 256
        assert host["CpuQuota"] > 0
        assert host["AutoRemove"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert config["User"] == "65534:65534"
        assert config["StdinOnce"], "a host that dies must end its containers"
        profile = next(x for x in host["SecurityOpt"] if x.startswith("seccomp="))
        assert json.loads(profile.removeprefix("seccomp="))["defaultAction"] == "SCMP_ACT_ERRNO"
    assert not slots(client, os.getpid())


async def test_cancelling_stops_the_program(client: DockerClient) -> None:
    async with open_sandbox(ONE) as box:
        (before,) = slots(client, os.getpid())
        running = asyncio.create_task(box.run(HANG))
        await asyncio.sleep(0.3)
        running.cancel()
        assert (await asyncio.wait_for(box.run(FINE), 60)).outcomes[0].passed
        (after,) = slots(client, os.getpid())
        assert after.id != before.id


async def test_a_killed_container_is_replaced(client: DockerClient) -> None:
    async with open_sandbox(ONE) as box:
        running = asyncio.create_task(box.run(Job("import time\ntime.sleep(1)", ("pass",))))
        await asyncio.sleep(0.3)
        (container,) = slots(client, os.getpid())
        await asyncio.to_thread(container.kill)
        assert (await running).outcomes[0].passed


def test_a_killed_host_leaves_no_container(client: DockerClient) -> None:
    code = (
        "import asyncio, sys\nfrom sandbox import *\n"
        "async def main():\n"
        "    async with open_sandbox(SandboxConfig(backend='docker', slots=1)) as box:\n"
        "        print('up', flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    host = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with host:
        assert host.stdout is not None
        assert host.stdout.readline() == "up\n"
        assert len(slots(client, host.pid)) == 1
        host.send_signal(signal.SIGKILL)
        host.wait()
    deadline = time.monotonic() + 60
    while slots(client, host.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not slots(client, host.pid)


async def test_containers_of_dead_hosts_are_removed(client: DockerClient) -> None:
    async with open_sandbox(ONE) as box:
        image = box.info.image
    gone = {LABEL: "slot", OWNER_LABEL: f"{socket.gethostname()}:999999999"}
    left = await asyncio.to_thread(client.containers.create, image, labels=gone)
    async with open_sandbox(ONE):
        assert left.id not in [one.id for one in client.containers.list(all=True, sparse=True)]


async def test_leftovers_may_vanish_while_they_are_listed(client: DockerClient) -> None:
    async with open_sandbox(ONE) as box:
        image = box.info.image
    labels = {LABEL: "slot", OWNER_LABEL: "elsewhere:1"}
    done = threading.Event()

    def another_process() -> None:
        with contextlib.closing(connect()) as other:
            while not done.is_set():
                left = [other.containers.create(image, labels=labels) for _ in range(3)]
                for one in left:
                    remove(other, str(one.id))

    with ThreadPoolExecutor() as pool:
        churn = pool.submit(another_process)
        try:
            for _ in range(100):
                await asyncio.to_thread(remove_leftovers, client)
        finally:
            done.set()
        churn.result()


async def test_a_job_larger_than_its_slot_is_the_callers_error() -> None:
    async with open_sandbox(ONE) as box:
        with pytest.raises(ValueError, match="a slot has 2048"):
            await box.run(Job("", ("pass",), Limits(memory_mb=4096)))


async def test_an_unavailable_base_image_is_named_in_the_error() -> None:
    config = SandboxConfig(backend="docker", base_image="localhost:1/no/such:image")
    with pytest.raises(SandboxUnavailable, match=r"localhost:1/no/such:image.*SANDBOX_BASE_IMAGE"):
        async with open_sandbox(config):
            pass


async def test_closing_the_sandbox_ends_running_jobs_at_once(docker_engine: None) -> None:
    sleeping = Job("import time\ntime.sleep(600)", ("pass",), Limits(wall_seconds=600))
    async with open_sandbox(SandboxConfig(backend="docker", slots=1)) as box:
        running = [asyncio.create_task(box.run(sleeping)) for _ in range(2)]
        await asyncio.sleep(0.5)
    found = await asyncio.wait_for(asyncio.gather(*running, return_exceptions=True), 60)
    assert all(isinstance(error, SandboxUnavailable) for error in found)
