"""The wide table of a study: its golden file, and reading it back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from experiments.studies.csv_table import csv_table
from experiments.studies.results import StudyResult
from tests.experiments.small_study import HOSTILE, baseline, repair, study


def test_the_wide_table(golden: Callable[[str, str], None]) -> None:
    golden("study.csv", csv_table(study()))


def test_the_same_study_gives_the_same_table() -> None:
    again = StudyResult.model_validate_json(study().model_dump_json())
    assert csv_table(again) == csv_table(study())


def test_a_name_comes_back_from_the_wide_table() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_table(study(baseline(HOSTILE), repair("a,b"))))))
    assert [row["arm"] for row in rows] == [HOSTILE, "a,b"]
    assert (rows[0]["versus_value"], rows[1]["versus_value"]) == ("", "0.3")
    assert all(None not in row and None not in row.values() for row in rows)


def test_a_study_of_nothing_has_an_empty_table() -> None:
    assert csv_table(study().model_copy(update={"arms": ()})) == ""
