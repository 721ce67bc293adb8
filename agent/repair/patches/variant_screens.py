"""Screens of variants, in batches, with an end for places whose variants run out of time."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.parsing.source import prelude
from agent.repair.patches.variants import Variant
from agent.types import ScreenRecord
from agent.visible_tests.executor import Executor
from sandbox.types import Limits, Screen, Screened

Place = tuple[int, int]
"""A program and a line of it."""
BATCH = 400
"""Number of variants in one screen."""
MAX_TIMEOUTS = 5
"""Number of timeouts after which no more variants of a place are tried."""
MANY_TIMEOUTS = 30
"""Number of timeouts of a search after which one more gives up its place at once."""
CPU_SECONDS = 0.02
WALL_SECONDS = 0.5
"""Limits of one variant, with all examples."""
LATE = "late"
"""The word for a variant that ran out of time."""


def digest(screen: Screen) -> str:
    """Return a hash of a screen's programs and tests."""
    text = json.dumps([screen.programs, screen.tests, screen.prelude])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def screened(record: ScreenRecord, tests: int) -> Screened:
    """Return the results that a record holds."""
    words = record.results.split()
    return Screened(
        tuple((False,) * tests if w == LATE else tuple(c == "+" for c in w) for w in words),
        tuple(word == LATE for word in words),
    )


def recorded_results(screen: Screen, result: Screened) -> ScreenRecord:
    """Return the record of a screen's results."""
    words = (
        LATE if late else "".join("+" if one else "-" for one in tests)
        for tests, late in zip(result.passed, result.timed_out, strict=True)
    )
    return ScreenRecord(digest=digest(screen), results=" ".join(words))


@dataclass
class VariantScreens:
    """The screens of one search, which are recorded."""

    executor: Executor
    tests: tuple[str, ...]
    records: list[ScreenRecord] = field(default_factory=list)
    seconds: float = 0.0
    """CPU time of making and of screening variants."""

    async def run(self, make: Callable[[], Sequence[Variant]]) -> dict[Variant, int]:
        """Return the number of tests that each variant passes, in the order in which it was made.

        Variants that are not tried, or run out of time, are left out.
        """
        start = time.process_time()
        variants = make()
        self.seconds += time.process_time() - start
        timeouts: Counter[Place] = Counter()
        found: dict[Variant, int] = {}
        waiting, safe = list(variants), set[Place]()
        while waiting:
            batch, waiting = _batch(waiting, timeouts, safe)
            if not batch:
                break
            result = await self._screen(batch)
            for variant, passed, late in zip(batch, result.passed, result.timed_out, strict=True):
                if late:
                    timeouts[variant.site] += 1
                else:
                    found[variant] = sum(passed)
                    safe.add(variant.site)
        return {variant: found[variant] for variant in variants if variant in found}

    async def _screen(self, batch: Sequence[Variant]) -> Screened:
        executor = self.executor
        screen = Screen(
            tuple(variant.text for variant in batch),
            self.tests,
            Limits(CPU_SECONDS, wall_seconds=WALL_SECONDS, memory_mb=executor.limits.memory_mb),
            prelude(executor.problem.prompt),
        )
        result = await executor.sandbox.screen(screen)
        self.seconds += result.cpu_seconds
        self.records.append(recorded_results(screen, result))
        return result


def _batch(
    waiting: Sequence[Variant], timeouts: Counter[Place], safe: set[Place]
) -> tuple[list[Variant], list[Variant]]:
    """Return the next batch and the rest, without places that had too many timeouts.

    A batch has only as many variants of a place as may still run out of time there, unless the
    place is `safe`: some of its variants ended, and none ran out of time.
    """
    most = MAX_TIMEOUTS if timeouts.total() < MANY_TIMEOUTS else 1
    batch: list[Variant] = []
    rest: list[Variant] = []
    taken: Counter[Place] = Counter()
    for variant in waiting:
        left = most - timeouts[variant.site]
        if left <= 0:
            continue
        doubtful = timeouts[variant.site] > 0 or variant.site not in safe
        full = len(batch) == BATCH or (doubtful and taken[variant.site] >= left)
        (rest if full else batch).append(variant)
        taken[variant.site] += not full
    return batch, rest
