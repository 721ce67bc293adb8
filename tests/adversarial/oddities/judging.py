"""Verdicts on the oddities: apart, together, and as `auto` chooses between the two."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox import Outcome, Sandbox
from tests.adversarial.oddities.oddity import Oddity

SPLIT, SHARED = "split", "shared"


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts on an oddity's programs: the honest one first, then its twins."""

    oddity: Oddity
    split: tuple[Outcome, ...]
    shared: tuple[Outcome, ...]
    """Empty if the honest program passes apart: then the isolation under `auto` is `split`."""

    @property
    def isolation(self) -> str:
        """The isolation that `auto` uses: `shared` if the reference needs it and then passes."""
        return SHARED if self.shared and self.shared[0].passed else SPLIT

    @property
    def auto(self) -> tuple[Outcome, ...]:
        """The verdicts under `auto`."""
        return self.shared if self.isolation == SHARED else self.split

    def faults(self, isolation: str = "auto") -> list[str]:
        """Return one line per twin that passes, and under `auto` if the honest program fails."""
        honest, *twins = self.split if isolation == SPLIT else self.auto
        found = [
            f"{self.oddity.name}: passes in spite of {fault!r}"
            for fault, outcome in zip(self.oddity.faults, twins, strict=True)
            if outcome.passed
        ]
        if not honest.passed and isolation != SPLIT:
            found.insert(0, f"{self.oddity.name}: the honest program fails: {honest}")
        return found


async def judge_all(box: Sandbox, oddities: Iterable[Oddity]) -> list[Judged]:
    """Judge all programs of the oddities that the sandbox's Python can run."""
    able = [oddity for oddity in oddities if not oddity.absent(box.info)]
    return await asyncio.gather(*(_judge(box, oddity) for oddity in able))


async def _judge(box: Sandbox, oddity: Oddity) -> Judged:
    programs = (oddity.program, *oddity.twins)
    split = await _outcomes(box, oddity, programs, SPLIT)
    shared = () if split[0].passed else await _outcomes(box, oddity, programs, SHARED)
    return Judged(oddity, split, shared)


async def _outcomes(
    box: Sandbox, oddity: Oddity, programs: tuple[str, ...], isolation: str
) -> tuple[Outcome, ...]:
    jobs = [oddity.job(program, isolation) for program in programs]
    executions = await asyncio.gather(*map(box.run, jobs))
    return tuple(execution.outcomes[0] for execution in executions)
