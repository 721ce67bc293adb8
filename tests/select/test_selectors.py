from __future__ import annotations

import pytest

from agent.plugins import UnknownPluginError
from agent.select import load_selector
from agent.types import Row, VisibleTest
from sandbox.types import Outcome, Status


def row(candidate: int, verdicts: str) -> Row:
    """`+` passes, `-` fails."""
    status = {"+": Status.PASSED, "-": Status.WRONG_ANSWER}
    return Row(candidate=candidate, outcomes=tuple(Outcome(status[v]) for v in verdicts))


def visible(examples: int, *counts: int) -> list[VisibleTest]:
    return [
        VisibleTest(source=f"e{i}", origin="docstring", form=">>>") for i in range(examples)
    ] + [
        VisibleTest(source=f"g{i}", origin="generated", form="assert", count=count)
        for i, count in enumerate(counts)
    ]


def test_first_takes_the_first() -> None:
    choice = load_selector("first").select(visible(1), [row(0, "-"), row(1, "+")])
    assert choice.candidate == 0


def test_examples_filter_before_anything_votes() -> None:
    rows = [row(0, "-+++"), row(1, "-+++"), row(2, "+---")]
    assert load_selector("tiered").select(visible(1, 1, 1, 1), rows).candidate == 2


def test_a_larger_consensus_beats_one_more_test() -> None:
    # Worked by hand: {0} passes three, sqrt(1) * 3 = 3; {1, 2, 3} pass two, sqrt(3) * 2 = 3.46.
    rows = [row(0, "+++"), row(1, "++-"), row(2, "++-"), row(3, "++-")]
    choice = load_selector("tiered").select(visible(0, 1, 1, 1), rows)
    assert choice.candidate == 1
    assert "score 3.464" in " ".join(choice.reasons)


def test_a_test_counts_as_often_as_it_was_written() -> None:
    # {0} passes one test that was written five times: 5; {1, 2} two others: sqrt(2) * 2 = 2.83.
    rows = [row(0, "+--"), row(1, "-++"), row(2, "-++")]
    assert load_selector("tiered").select(visible(0, 5, 1, 1), rows).candidate == 0
    assert load_selector("tiered").select(visible(0, 1, 1, 1), rows).candidate == 1


def test_ties_and_no_tests_go_to_the_earliest() -> None:
    assert (
        load_selector("tiered").select(visible(0, 1, 1), [row(0, "+-"), row(1, "-+")]).candidate
        == 0
    )
    assert load_selector("tiered").select([], [row(0, ""), row(1, "")]).candidate == 0


def test_an_unknown_selector_lists_those_that_exist() -> None:
    with pytest.raises(UnknownPluginError, match="select: unknown 'best'; there is first, tiered"):
        load_selector("best")
