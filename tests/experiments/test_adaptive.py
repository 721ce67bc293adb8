"""Adaptive drafting on recorded samples: the means over all orders, against their enumeration."""

from __future__ import annotations

from itertools import permutations
from statistics import fmean

import pytest

from experiments.recorded.adaptive import over_orders
from tests.selection.conftest import pool, visible


@pytest.mark.parametrize(
    "rows", [("+", "-", "-", "+", "-"), ("-", "-", "-"), ("+", "+", "+"), ("-", "+")]
)
def test_the_means_are_those_over_all_orders(rows: tuple[str, ...]) -> None:
    verdicts = [i % 2 == 0 for i in range(len(rows))]
    drawn, right = [], []
    for order in permutations(range(len(rows))):
        place = next((i for i, member in enumerate(order) if rows[member] == "+"), None)
        drawn.append(len(rows) if place is None else place + 1)
        right.append(verdicts[order[place or 0]])
    found = over_orders(pool(visible(1), *rows), verdicts)
    assert found == pytest.approx((fmean(drawn), fmean(right)))


def test_without_examples_one_is_drawn() -> None:
    assert over_orders(pool([], "", ""), [True, False]) == (1, 0.5)
