"""Rules that the corpus itself keeps."""

from __future__ import annotations

from sandbox import Status
from tests.adversarial.corpus import CORPUS, THEMES

CHEATS = [case for case in CORPUS if not case.honest]


def test_there_are_enough_programs() -> None:
    assert len(CHEATS) >= 120
    assert len(CORPUS) - len(CHEATS) >= 30


def test_names_are_unique_and_readable() -> None:
    names = [case.name for case in CORPUS]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in names)


def test_every_theme_has_a_docstring_and_cases() -> None:
    assert all(theme.__doc__ and theme.CASES for theme in THEMES)


def test_every_case_has_tests_and_every_test_an_expectation() -> None:
    for case in CORPUS:
        assert case.suites
        for suite in case.suites:
            assert suite
            assert all(test and expected <= set(Status) and expected for test, expected in suite)


def test_no_claim_allows_both_verdicts() -> None:
    for case in CORPUS:
        for _, expected in (claim for suite in case.suites for claim in suite):
            assert Status.PASSED not in expected or expected == {Status.PASSED}


def test_most_cases_use_both_forms_of_test() -> None:
    both = [case for case in CORPUS if len(case.suites) == 2]
    assert len(both) > len(CORPUS) // 2
    assert all("def check(candidate)" in case.suites[1][0][0] for case in both)
