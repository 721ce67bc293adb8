"""The repair ledger, one test per rule."""

from __future__ import annotations

import pytest

from agent.types import Trace
from experiments.studies.draws import Draws
from experiments.studies.ledger import Ledger, ledger, rows
from tests.experiments.small_traces import One, call, trace_of, unscored

DRAWS = Draws(
    verdicts=(False, True, False, False, False), prompt_tokens=40, completion_tokens=(10,) * 5
)
"""Of the draws after the first, one in four is right."""


def edited(*candidates: One) -> Ledger:
    return ledger([trace_of(*candidates)], None)


def fixed_in_round_two(task: str = "Own/0") -> Trace:
    return trace_of(
        One(False),
        One(False, parent=0, round=1),
        One(True, parent=1, round=2),
        One(True, parent=2, round=3),
        task=task,
        calls=[call(0, 40, 10), call(1, 20, 5), call(1, 20, 5), call(2, 7, 3), call(3, 900, 100)],
    )


def test_an_edit_fixes_or_breaks_what_its_parent_was() -> None:
    found = edited(
        One(False),
        One(True),
        One(True, parent=0, round=1),
        One(False, parent=1, round=1),
        One(False, parent=3, round=2),
        One(True, parent=2, round=2),
        One(True, parent=4, round=3),
    )
    assert (found.edits, found.fixed, found.broken) == (5, 2, 1)


@pytest.mark.parametrize(
    ("parent", "child", "broken"),
    [("++", "+-", 1), ("+-", "-+", 1), ("--", "--", 0), ("-+", "++", 0), ("+", "", 0)],
)
def test_an_edit_breaks_a_visible_test_that_its_parent_passed(
    parent: str, child: str, broken: int
) -> None:
    assert edited(One(False, parent), One(False, child, parent=0, round=1)).tests_broken == broken


def test_an_edit_that_was_written_before_is_identical_whatever_its_layout() -> None:
    first, again = "def grow(x):\n    return x\n", "def grow( x ):\n    return (x)  # again\n"
    found = edited(
        One(False, source=first),
        One(False, source=again),
        One(False, parent=0, round=1),
        One(False, parent=2, round=2, source=again),
        One(False, parent=0, round=3, source=first + "grow(1)\n"),
    )
    assert (found.edits, found.identical) == (3, 1)


def test_draws_of_a_repair_round_are_no_edits() -> None:
    found = edited(One(False), One(False), One(True, round=1), One(True, parent=0, round=1))
    assert (found.edits, found.fresh, found.fixed) == (1, 1, 1)


@pytest.mark.parametrize(
    ("candidates", "fixed"),
    [
        ((One(False), One(True, parent=0, round=1)), 1),
        ((One(False), One(True, round=1)), 1),
        ((One(False), One(True), One(True, parent=0, round=1)), 0),
        ((One(False), One(False, parent=0, round=1)), 0),
    ],
)
def test_a_problem_is_fixed_where_no_draft_was_right(
    candidates: tuple[One, ...], fixed: int
) -> None:
    assert edited(*candidates).problems_fixed == fixed


def test_tokens_are_those_of_all_rounds_after_the_drafts() -> None:
    lost = trace_of(One(False), task="Own/1", calls=[call(0, 1000, 1), call(1, 30, 4, 5)])
    found = ledger([fixed_in_round_two(), lost], None)
    assert found.tokens == 25 + 25 + 10 + 1000 + 39
    assert found.tokens_per_fixed == found.tokens
    assert ledger([lost], None).tokens_per_fixed is None
    assert edited(One(False), One(True, parent=0, round=1)).tokens_per_fixed is None


def test_redrawing_spends_what_was_spent_up_to_the_first_right_candidate() -> None:
    # Rounds 1 and 2 took 60 tokens: a prompt of 40, and two of the four draws not yet used.
    found = ledger([fixed_in_round_two()], {"Own/0": DRAWS})
    assert found.redrawn == pytest.approx(0.5)
    assert found.exhausted == 0


def test_redraws_are_summed_over_the_fixed_problems_only() -> None:
    never = trace_of(One(False), One(False, parent=0, round=1), task="Own/2", calls=[call(1, 9, 9)])
    traces = [fixed_in_round_two(), fixed_in_round_two("Own/1"), never]
    dear = DRAWS.model_copy(update={"prompt_tokens": 60})
    found = ledger(traces, {"Own/0": DRAWS, "Own/1": dear})
    assert found.redrawn == pytest.approx(0.5)
    assert ledger([never], {}).redrawn == 0
    assert ledger(traces, None).redrawn is None


def test_a_cost_beyond_all_draws_is_said() -> None:
    cheap = DRAWS.model_copy(update={"prompt_tokens": 10})
    found = ledger([fixed_in_round_two()], {"Own/0": cheap})
    assert (found.redrawn, found.exhausted) == (1, 1)
    assert rows(found)[-1][1] == "1.0 of 1 expected, a lower bound: 1 ran out of draws"


def test_what_cannot_be_compared_is_not_told() -> None:
    assert ledger([fixed_in_round_two()], {}).redrawn is None
    silent = fixed_in_round_two().model_copy(update={"calls": ()})
    assert ledger([silent], {"Own/0": DRAWS}).redrawn is None


def test_traces_without_a_score_are_left_out() -> None:
    found = ledger([unscored(fixed_in_round_two()), fixed_in_round_two("Own/1")], None)
    assert found == ledger([fixed_in_round_two("Own/1")], None)
    assert ledger([], None).edits == 0


def test_the_ledger_in_words() -> None:
    found = ledger([fixed_in_round_two()], {"Own/0": DRAWS})
    assert rows(found) == (
        ("edits", "3"),
        ("edits that fix, that break", "1 fix, 0 break"),
        ("edits that break a visible test", "0"),
        ("edits that repeat a program", "0"),
        ("fresh draws", "0"),
        ("problems fixed", "1"),
        ("repair tokens", "1,060"),
        ("repair tokens per problem fixed", "1,060"),
        ("solved by drawing again at that cost", "0.5 of 1 expected"),
    )
    without = rows(ledger([], None))
    assert [label for label, _ in without] == [label for label, _ in rows(found)[:-1]]
    assert without[-1][1] == "-"


def test_fresh_draws_of_a_loop_are_not_what_it_is_compared_with() -> None:
    """Fresh draws continue the stored draws: the loop itself drew the second of them."""
    drew = trace_of(One(False), One(True, round=1), calls=[call(0, 40, 10), call(1, 40, 30)])
    assert ledger([drew], {"Own/0": DRAWS}).redrawn == 0
    edit = trace_of(One(False), One(True, parent=0, round=1), calls=[call(1, 40, 30)])
    assert ledger([edit], {"Own/0": DRAWS}).redrawn == pytest.approx(3 / 4)
