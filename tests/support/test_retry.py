"""Waits that a server asks for, by the headers of its response."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from agent.support.retry import LONGEST_ASKED_SECONDS, asked_wait

DATE = "Sun, 29 Nov 2026 10:00:00 GMT"
NOW = 1795946400


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Retry-After": "6"}, 6),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "3600"}, LONGEST_ASKED_SECONDS),
        ({"Retry-After": "Sun, 29 Nov 2026 10:00:06 GMT"}, 6),
        ({"Retry-After": "Sunday, 29-Nov-26 10:00:06 GMT"}, 6),
        ({"Retry-After": "Sun Nov 29 10:00:06 2026"}, 6),
        ({"Retry-After": "2026-11-29T10:00:06Z"}, 6),
        ({"Retry-After": "Sun, 29 Nov 2026 09:00:00 GMT"}, 0),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({"x-ratelimit-reset-requests": "1s"}, 1),
        ({"x-ratelimit-reset-tokens": "20ms"}, 0.02),
        ({"x-ratelimit-reset-tokens": "6m0s"}, LONGEST_ASKED_SECONDS),
        ({"x-ratelimit-reset-tokens": "1m2.5s"}, LONGEST_ASKED_SECONDS),
        ({"x-ratelimit-reset-tokens": "0h0m7.66s"}, 7.66),
        ({"x-ratelimit-reset": "5"}, 5),
        ({"x-ratelimit-reset": str(NOW + 5)}, 5),
        ({"x-ratelimit-reset": str(1000 * NOW + 5500)}, 5.5),
        ({"x-ratelimit-reset": str(NOW - 5)}, 0),
        ({"X-Rate-Limit-Reset": "5"}, 5),
        ({"RateLimit-Reset": "5"}, 5),
        ({"anthropic-ratelimit-requests-reset": "2026-11-29T10:00:08Z"}, 8),
        ({"x-ratelimit-reset-requests": "2s", "x-ratelimit-reset-tokens": "3s"}, 3),
        ({"x-ratelimit-reset-requests": "2s", "Retry-After": "1"}, 1),
        ({"x-ratelimit-reset-requests": "2s", "Retry-After": "soon"}, 2),
    ],
)
def test_a_header_says_when(headers: dict[str, str], seconds: float) -> None:
    assert asked_wait({"Date": DATE, **headers}) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["soon", "", "nan", "inf", "-5", "1e999", "6x", "m", "99:99", "\xff", "1 2", "s6"]
)
def test_a_malformed_value_is_ignored(text: str) -> None:
    for name in ("Retry-After", "retry-after-ms", "x-ratelimit-reset-tokens", "Date"):
        assert asked_wait({name: text}) == 0


def test_only_a_limit_that_is_used_up_is_waited_for() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2s",
        "x-ratelimit-remaining-tokens": "9000",
        "x-ratelimit-reset-tokens": "50s",
    }
    assert asked_wait(headers, limited=True) == 2
    left = {**headers, "x-ratelimit-remaining-requests": "7"}
    assert asked_wait(left) == 0
    assert asked_wait(left, limited=True) == 50


def test_a_date_is_compared_with_our_clock_if_the_server_does_not_say_its_own() -> None:
    later = formatdate(time.time() + 20, usegmt=True)
    assert 15 < asked_wait({"Retry-After": later}) <= 20
