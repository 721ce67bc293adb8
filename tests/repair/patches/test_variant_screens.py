"""Screens of variants: batches, places that run out of time, and their records."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from agent.repair.patches.program import Edit
from agent.repair.patches.variant_screens import (
    BATCH,
    MANY_TIMEOUTS,
    MAX_TIMEOUTS,
    VariantScreens,
    digest,
    recorded_results,
    screened,
)
from agent.repair.patches.variants import Variant
from sandbox.fake import FakeSandbox
from sandbox.types import Screen, Screened
from tests.repair.patches.cases import NEAR, limited, read


class Deciding(FakeSandbox):
    """A sandbox in which a program's text says its result: `late`, or a sign for each test."""

    def __init__(self) -> None:
        super().__init__()
        self.screens: list[Screen] = []

    async def screen(self, screen: Screen) -> Screened:
        self.screens.append(screen)
        words = [text.split()[0] for text in screen.programs]
        passed = tuple(tuple(sign == "+" for sign in word.ljust(2)[:2]) for word in words)
        return Screened(passed, tuple(word == "late" for word in words), 0.25)


def variant(text: str, line: int = 1) -> Variant:
    return Variant(1.0, read(NEAR), Edit("delete", ast.Pass(), "body", [], line), text)


async def screened_by(*variants: Variant) -> tuple[Deciding, VariantScreens, dict[Variant, int]]:
    box = Deciding()
    screening = VariantScreens(limited(box), ("a", "b"))
    return box, screening, await screening.run(lambda: variants)


async def test_the_tests_that_each_variant_passes_are_counted_in_order() -> None:
    variants = [variant("+-"), variant("late"), variant("++"), variant("--")]
    box, screening, found = await screened_by(*variants)
    assert [*found.items()] == [(variants[0], 1), (variants[2], 2), (variants[3], 0)]
    assert [record.results for record in screening.records] == ["+- late ++ --"]
    assert screening.seconds >= 0.25
    assert box.screens[0].tests == ("a", "b")


async def test_a_place_ends_after_its_timeouts_and_others_go_on() -> None:
    late = [variant("late", line=7) for _ in range(3 * BATCH)]
    good = [variant("++", line=8) for _ in range(BATCH)]
    box, _, found = await screened_by(*late[:1], *good, *late[1:])
    tried = [text for screen in box.screens for text in screen.programs]
    assert tried.count("late") == MAX_TIMEOUTS
    assert len(found) == BATCH


async def test_after_many_timeouts_a_place_ends_at_its_first() -> None:
    lines = range(MANY_TIMEOUTS)
    box, _, _ = await screened_by(*(variant("late", line) for _ in range(9) for line in lines))
    tried = [text for screen in box.screens for text in screen.programs]
    assert MANY_TIMEOUTS <= len(tried) <= BATCH


async def test_without_timeouts_batches_are_full_once_the_places_are_known() -> None:
    box, _, found = await screened_by(*(variant("--") for _ in range(2 * BATCH)))
    sizes = [len(screen.programs) for screen in box.screens]
    assert sizes == [MAX_TIMEOUTS, BATCH, BATCH - MAX_TIMEOUTS]
    assert len(found) == 2 * BATCH


async def test_a_first_batch_cannot_run_out_of_time_everywhere() -> None:
    late = (variant("late", line) for _ in range(50) for line in (1, 2))
    box, _, _ = await screened_by(*late)
    assert [len(screen.programs) for screen in box.screens] == [2 * MAX_TIMEOUTS]


@given(st.lists(st.one_of(st.none(), st.lists(st.booleans(), min_size=3, max_size=3))))
def test_a_record_holds_the_results(rows: list[list[bool] | None]) -> None:
    result = Screened(
        tuple((False,) * 3 if row is None else tuple(row) for row in rows),
        tuple(row is None for row in rows),
    )
    record = recorded_results(Screen((), ()), result)
    assert screened(record, 3) == result
    assert record.programs == len(rows)


def test_a_digest_depends_on_programs_tests_and_prelude() -> None:
    screens = [
        Screen(("a",), ("b",)),
        Screen(("a", "b"), ()),
        Screen(("a",), ("b",), prelude="c"),
        Screen(("\ud800",), ("b",)),
    ]
    assert len({digest(screen) for screen in screens}) == 4
