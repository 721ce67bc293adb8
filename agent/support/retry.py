"""Delays between retries, with exponential backoff and jitter."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

FIRST_SECONDS = 0.25
LONGEST_SECONDS = 8.0


def delays(random: Random) -> Iterator[float]:
    """Yield the seconds to wait before each retry: doubled up to a cap, times 0.5 to 1 (jitter)."""
    seconds = FIRST_SECONDS
    while True:
        yield seconds * random.uniform(0.5, 1.0)
        seconds = min(2 * seconds, LONGEST_SECONDS)
