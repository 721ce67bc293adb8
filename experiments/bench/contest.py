"""Executors that take turns at the same work: our sandbox, and peers in separate processes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from agent.errors import AgentError
from experiments.bench.peers import BenchmarkProblem
from sandbox.base import Sandbox
from sandbox.types import Job

DRIVER = Path(__file__).with_name("peers.py")
HANG = "    while True:\n        pass\n"
"""The completion that must not pass; every other completion is a reference and must pass."""
LONGEST_LINE_BYTES = 1 << 26


class WrongVerdictError(AgentError):
    """An executor gave a program the wrong verdict."""


class PeerError(AgentError):
    """A peer does not start or has ended."""


class TimedRound(NamedTuple):
    """The verdicts on the programs of a round, and the seconds for all of them together."""

    passed: list[bool]
    seconds: float


class Contestant(NamedTuple):
    """An executor and the programs that it judges in each round."""

    run: Callable[[], Awaitable[TimedRound]]
    items: Sequence[BenchmarkProblem]
    units: int
    """Number of programs, or of asserts, in one round."""


def ours(box: Sandbox, items: Sequence[BenchmarkProblem], jobs: Sequence[Job]) -> Contestant:
    """Return our sandbox as a contestant; its units are tests."""

    async def run() -> TimedRound:
        start = time.perf_counter()
        executions = await asyncio.gather(*(box.run(job) for job in jobs))
        seconds = time.perf_counter() - start
        return TimedRound([all(o.passed for o in e.outcomes) for e in executions], seconds)

    return Contestant(run, items, sum(len(job.tests) for job in jobs))


class PeerProcess:
    """A peer: another executor, running in its own process."""

    def __init__(self, name: str, process: asyncio.subprocess.Process):
        self._name, self._process = name, process

    async def line(self) -> str:
        """Return the peer's next output line. Raises PeerError if the peer has ended."""
        answer = await self._process.stdout.readline() if self._process.stdout else b""
        if not answer:
            raise PeerError(f"{self._name} does not run: is it installed in the given Python?")
        return answer.decode()

    def judges(self, items: Sequence[BenchmarkProblem], limit: float) -> Contestant:
        """Return the peer as a contestant that judges `items`, each within `limit` seconds."""

        async def run() -> TimedRound:
            if self._process.stdin:
                self._process.stdin.write(json.dumps([items, limit]).encode() + b"\n")
            return TimedRound(**json.loads(await self.line()))

        return Contestant(run, items, len(items))


@asynccontextmanager
async def open_peer(name: str, python: Path, workers: int) -> AsyncIterator[PeerProcess]:
    """Start a peer. Raises PeerError or OSError if `python` does not have it."""
    process = await asyncio.create_subprocess_exec(
        str(python),
        str(DRIVER),
        name,
        str(workers),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=LONGEST_LINE_BYTES,
    )
    try:
        peer = PeerProcess(name, process)
        await peer.line()
        yield peer
    finally:
        if process.stdin:
            process.stdin.close()  # the peer ends with its input
        await process.communicate()


async def interleaved(
    contestants: Mapping[str, Contestant], repeat: int
) -> dict[str, tuple[float, ...]]:
    """Return each contestant's units per second, round by round. Raises WrongVerdictError."""
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(repeat):
        for name, contestant in contestants.items():
            passed, seconds = await contestant.run()
            wrong = [
                item["task_id"]
                for item, verdict in zip(contestant.items, passed, strict=True)
                if verdict == (item["completion"] == HANG)
            ]
            if wrong:
                raise WrongVerdictError(f"{name} misjudges {', '.join(wrong)}")
            rates[name].append(contestant.units / seconds)
    return {name: tuple(values) for name, values in rates.items()}


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> tuple[float, ...]:
    """Return how many times as fast `mine` is as `theirs`, round by round."""
    return tuple(a / b for a, b in zip(mine, theirs, strict=True))
