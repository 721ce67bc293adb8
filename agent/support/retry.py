"""Waits between tries of something that may come back."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

FIRST_SECONDS = 0.25
LONGEST_SECONDS = 8.0


def delays(random: Random) -> Iterator[float]:
    """Seconds to wait before each next try: doubling up to a cap, with jitter down to a half."""
    seconds = FIRST_SECONDS
    while True:
        yield seconds * random.uniform(0.5, 1.0)
        seconds = min(2 * seconds, LONGEST_SECONDS)
