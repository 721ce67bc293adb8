"""The resources that this process and its sandbox hold, and a description of the machine."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Footprint(NamedTuple):
    """The resources that this process and its sandbox hold."""

    processes: int
    descriptors: int
    own_bytes: int
    sandbox_bytes: int

    def __str__(self) -> str:
        own, sandbox = self.own_bytes / 1e6, self.sandbox_bytes / 1e6
        return f"{self.processes} | {self.descriptors} | {own:.1f} | {sandbox:.1f}"


def footprint(backend: str) -> Footprint:
    """Count the resources now. A Docker sandbox's processes and memory are its containers'."""
    processes, memory = _containers() if backend == "docker" else _processes()
    descriptors = len(os.listdir("/proc/self/fd"))
    return Footprint(processes, descriptors, _pss(os.getpid()), memory)


def _containers() -> tuple[int, int]:
    """Count the processes in this process' containers, and their memory as `docker stats` does."""
    from sandbox.container import OWNER_LABEL
    from sandbox.image import connect

    client = connect()
    try:
        label = f"{OWNER_LABEL}={socket.gethostname()}:{os.getpid()}"
        found = client.containers.list(filters={"label": label})
        # The library's types do not say that stream=False gives one answer and not a stream.
        answers: list[Any] = [container.stats(stream=False) for container in found]
        processes = sum(int(answer["pids_stats"]["current"]) for answer in answers)
        return processes, sum(_charged(answer["memory_stats"]) for answer in answers)
    finally:
        client.close()


def _charged(memory: Mapping[str, Any]) -> int:
    details = memory["stats"]  # the second name is from version 1 of control groups
    cache = details.get("inactive_file", details.get("total_inactive_file", 0))
    return int(memory["usage"]) - int(cache)


def _processes() -> tuple[int, int]:
    """Count this process' descendants and their memory; shared memory counts proportionally."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # the process has ended
            continue
    below = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    below -= {os.getpid()}
    return len(below), sum(_pss(pid) for pid in below)


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # the process has ended
        return 0
    for line in lines:
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def busy_seconds() -> float:
    """Return the CPU seconds that everything on this machine has used since it booted."""
    counts = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _, _, interrupts, soft = map(int, counts[:7])
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def page_faults() -> int:
    """Return the page faults of everything on this machine since it booted."""
    lines = Path("/proc/vmstat").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("pgfault "))


def machine(backend: str, slots: int) -> str:
    """Describe the machine, the Python and the sandbox that the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    kernel = platform.release().partition("-")[0]  # the rest is the distribution's
    return (
        f"{len(os.sched_getaffinity(0))} cores of {(models or [platform.machine()])[0]}, "
        f"Python {platform.python_version()}, {platform.system()} {kernel}, "
        f"{backend} sandbox, {slots} slots"
    )
