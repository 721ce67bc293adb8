"""Delays between retries: exponential backoff with jitter, and waits that a server asks for."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random

FIRST_SECONDS = 0.25
LONGEST_SECONDS = 8.0
LONGEST_ASKED_SECONDS = 60.0
"""Maximum wait that a server can ask for."""
_RETRY_AFTER = re.compile(r"retry-after(-ms)?$")
_RESET = re.compile(r"rate-?limit.*reset")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:d|h|ms|m|s|us|µs|ns))+")
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 1e8, 1e11
"""Numbers above these are points in time: as durations they would be years."""


def delays(random: Random) -> Iterator[float]:
    """Yield the seconds to wait before each retry: doubled up to a cap, times 0.5 to 1 (jitter)."""
    seconds = FIRST_SECONDS
    while True:
        yield seconds * random.uniform(0.5, 1.0)
        seconds = min(2 * seconds, LONGEST_SECONDS)


def asked_wait(headers: Mapping[str, str], *, limited: bool = False) -> float:
    """Return the seconds that a response asks to wait before the next request; 0 if it does not.

    `Retry-After` counts first, then the reset of each rate limit that is used up; if none is,
    and the response says that the request was `limited`, every reset. A value is a number of
    seconds, a duration such as `6m0s`, or a point in time, which is compared with the server's own
    `Date`. A malformed value is ignored.
    """
    fields = {name.lower(): value.strip() for name, value in headers.items()}
    now = _moment(fields.get("date", "")) or time.time()
    after = {name: text for name, text in fields.items() if _RETRY_AFTER.search(name)}
    resets = {name: text for name, text in fields.items() if _RESET.search(name)}
    used_up = {name: text for name, text in resets.items() if not _has_more(name, fields)}
    for asked in (after, used_up, resets if limited else {}):
        waits = [_seconds(name, text, now) for name, text in asked.items()]
        if found := [wait for wait in waits if wait is not None]:
            return min(max(found), LONGEST_ASKED_SECONDS)
    return 0.0


def _has_more(reset: str, fields: Mapping[str, str]) -> bool:
    """Whether the limit of a reset header still admits requests, by its `remaining` header."""
    try:
        return float(fields.get(reset.replace("reset", "remaining"), "")) > 0
    except ValueError:
        return False


def _seconds(name: str, text: str, now: float) -> float | None:
    """Return the seconds from `now` that a header's value says; None if it is malformed."""
    try:
        number = float(text)
    except ValueError:
        if _DURATION.fullmatch(text):
            parts = re.findall(r"([\d.]+)([a-zµ]+)", text)
            return sum(float(part) * _UNITS[unit.replace("µ", "u")] for part, unit in parts)
        moment = _moment(text)
        return None if moment is None else max(0.0, moment - now)
    if not math.isfinite(number) or number < 0:
        return None
    if name.endswith("-ms"):
        return number / 1000
    if number > _EPOCH_SECONDS:
        return max(0.0, (number / 1000 if number > _EPOCH_MILLISECONDS else number) - now)
    return number


def _moment(text: str) -> float | None:
    """Return a date of HTTP or ISO 8601 as seconds since the epoch; None if it is neither."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
