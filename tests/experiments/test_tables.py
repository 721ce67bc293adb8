"""The tables of a study: golden files, conclusions in words, and hostile names."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agent.support.safe_text import one_line
from experiments.studies import tables
from experiments.studies.cells import points
from experiments.studies.results import Interval, StudyResult
from tests.experiments.small_study import HOSTILE, baseline, repair, spent, study

Golden = Callable[[str, str], None]


def test_the_tables(golden: Golden) -> None:
    golden("study.md", tables.markdown(study()))


def test_the_spending(golden: Golden) -> None:
    golden("spending.md", tables.spending(spent()))


def test_the_same_study_gives_the_same_tables() -> None:
    again = StudyResult.model_validate_json(study().model_dump_json())
    assert tables.markdown(again) == tables.markdown(study())


@pytest.mark.parametrize(
    "name", [HOSTILE, "a | b", "<b>", "1. x", "- x", "`", "\\", "**a**", "a_b_c"]
)
def test_no_name_breaks_a_table(name: str) -> None:
    usual, text = rendered(study(repair("arm"))), rendered(study(repair(name)))
    assert re.findall("<[^>]*>", text) == re.findall("<[^>]*>", usual)
    assert html.escape(one_line(name)) in text


def rendered(result: StudyResult) -> str:
    return str(MarkdownIt().enable("table").render(tables.markdown(result)))


def test_a_study_of_nothing_has_tables() -> None:
    empty = study().model_copy(update={"arms": (), "curves": (), "categories": {}})
    assert "| arm |" in tables.markdown(empty)
    bare = study(baseline().model_copy(update={"points": (), "losses": ()}))
    assert "| single shot | - | - | - | 50.0 | 50.0 | - | - | - |" in tables.markdown(bare)


shares = st.floats(-1, 1)


@given(shares, st.floats(0, 1))
def test_the_words_agree_with_the_test(value: float, holm: float) -> None:
    words = tables.against_draws(Interval(value=value, low=-1, high=1, p=0, holm=holm))
    assert (words == "no significant difference") == (holm >= 0.05)
    assert (words == "more than draws") == (holm < 0.05 and value > 0)


@given(st.floats(0, 1))
def test_the_words_agree_with_the_adjusted_p(p: float) -> None:
    words = tables.against_baseline(repair().model_copy(update={"holm": p}))
    assert words == ("significant after Holm" if p < 0.05 else "not significant")


def test_what_is_missing_is_not_compared() -> None:
    assert tables.against_draws(None) == tables.against_baseline(baseline()) == "not compared"


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "+0.0"), (-0.0001, "+0.0"), (-0.0006, "-0.1"), (0.123, "+12.3")]
)
def test_a_difference_is_in_points(share: float, text: str) -> None:
    assert points(share) == text
