"""The page of a study: findings first, well-formed, and without network requests."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest

from agent.types import Trace
from experiments.studies.html_report import findings, page
from experiments.studies.plots import PLOTS, draw
from experiments.studies.problem_grid import GridRow, problem_grid
from experiments.studies.results import ArmResult, StudyResult
from tests.experiments.small_study import HOSTILE, baseline, critic, interval, repair, spent, study
from tests.experiments.small_traces import One, trace_of
from tests.experiments.test_analysis import run
from tests.report.browser import visiting

VOID = {"meta", "link", "br", "hr", "img"}


class Outline(HTMLParser):
    """A parser of tags, ids and addresses. It fails if a tag is closed out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, attribute: str) -> list[str]:
        return [str(attrs[attribute]) for _, attrs in self.tags if attribute in attrs]


def made(result: StudyResult, folder: Path) -> tuple[str, Outline]:
    draw(result, folder / "plots")
    text = page(result, spent(), folder)
    outline = Outline()
    outline.feed(text)
    outline.close()
    assert not outline.open
    return text, outline


def test_the_page_is_whole(tmp_path: Path) -> None:
    text, outline = made(study(), tmp_path)
    names = [tag for tag, _ in outline.tags]
    assert text.startswith("<!DOCTYPE html>")
    assert [names.count(tag) for tag in ("html", "title", "h1", "main")] == [1, 1, 1, 1]
    assert ("html", {"lang": "en"}) in outline.tags
    figures = [attrs for _, attrs in outline.tags if attrs.get("role") == "img"]
    assert len(figures) == names.count("svg") == len(PLOTS)
    assert all(attrs["aria-label"] for attrs in figures)
    # One title; the tables and their sections come from `tables`.
    assert names.count("table") == 10
    assert "arms/1/report.html" in text


def test_ids_are_unique_and_every_reference_has_its_target(tmp_path: Path) -> None:
    text, outline = made(study(), tmp_path)
    ids = outline.all("id")
    assert len(ids) == len(set(ids))
    references = [a[1:] for a in outline.all("xlink:href")] + re.findall(r"url\(#([^)]+)\)", text)
    assert references
    assert set(references) <= set(ids)


def test_nothing_is_fetched(tmp_path: Path) -> None:
    text, outline = made(study(), tmp_path)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in outline.tags}
    assert not outline.all("src")
    assert all(address.startswith("./") for address in outline.all("href"))
    assert "@import" not in text
    assert not re.findall(r"url\((?!#)", text)


def test_the_same_study_gives_the_same_page(tmp_path: Path) -> None:
    assert made(study(), tmp_path / "one")[0] == made(study(), tmp_path / "two")[0]


def test_no_name_becomes_markup(tmp_path: Path) -> None:
    arms = (baseline(HOSTILE), repair('" onload="x" id="y'), critic("javascript:alert(1)"))
    hostile = study(*arms).model_copy(update={"name": HOSTILE, "model": HOSTILE})
    _, usual = made(study(), tmp_path / "usual")
    text, outline = made(hostile, tmp_path / "hostile")
    tables_only = [tag for tag, _ in usual.tags if tag in {"td", "th", "a", "p", "em", "strong"}]
    assert tables_only == [
        tag for tag, _ in outline.tags if tag in {"td", "th", "a", "p", "em", "strong"}
    ]
    assert not outline.all("onload")
    assert "<script" not in text
    assert '" onload="x" id="y' in outline.text


@pytest.mark.parametrize("folder", ["javascript:alert(1)", "//elsewhere/x", 'a" b', "../up"])
def test_a_link_stays_on_this_machine(tmp_path: Path, folder: str) -> None:
    _, outline = made(study(baseline().model_copy(update={"folder": folder})), tmp_path)
    (address,) = outline.all("href")
    assert re.fullmatch(r"\./[^:\"\s]*/report\.html", address)


def grid() -> list[GridRow]:
    """Return three problems: the second arm alone solves the last one."""
    verdicts = {
        "Own/1": ("passed", "passed"),
        "Own/2": ("exception", "wrong answer"),
        f"Own/{HOSTILE}": ("wrong answer", "passed"),
    }
    arms = (baseline().name, repair().name)
    return problem_grid(
        [
            run(arm, [_traced(task, outcomes[i]) for task, outcomes in verdicts.items()])
            for i, arm in enumerate(arms)
        ]
    )


def _traced(task: str, outcome: str) -> Trace:
    return trace_of(One(outcome == "passed", "+", outcome=outcome), task=task)


def test_problems_on_which_arms_differ_come_first(tmp_path: Path) -> None:
    first, *others = grid()
    assert [row.task_id for row in others] == ["Own/1", "Own/2"]
    assert [cell and cell.mark for cell in first.cells] == ["✗", "✓"]
    assert [cell and cell.verdict for cell in others[1].cells] == ["exception", "wrong answer"]
    draw(study(), tmp_path / "plots")
    text = page(study(), spent(), tmp_path, [first, *others])
    assert text.index("Problems that some arms solve") < text.index("Own/1") < text.index("Own/2")
    assert f'"./arms/{repair().name}/report.html#Own/1"' in text
    assert "<script" not in text


@pytest.mark.browser
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_a_browser_shows_the_study(
    tmp_path: Path, width: int, colours: Literal["light", "dark"]
) -> None:
    draw(study(), tmp_path / "plots")
    file = tmp_path / "index.html"
    file.write_text(page(study(), spent(), tmp_path, grid()), "utf-8")
    with visiting(width, colours) as visit:
        visit.open(file)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.complaints == []
        assert visit.requests == [file.as_uri()]
        assert visit.violations() == []


def at_tokens(arm: ArmResult, low: float, high: float) -> ArmResult:
    found = interval((low + high) / 2, low, high)
    return arm.model_copy(update={"at_tokens": found, "beyond": 0})


AGAIN = "again, with the same stop, at the same tokens"


def test_the_first_finding_names_what_beats_draws() -> None:
    first, second, *_ = findings(study())
    better = f"Significantly better than drawing {AGAIN}: error_feedback"
    assert first == f"{better} (+12.0 points)."
    assert second.startswith(f"Significantly worse than drawing {AGAIN}: critic")
    said = " ".join(findings(study()))
    assert "The stored draws cost less than the arm, which favours: error_feedback." in said


def test_a_difference_that_may_be_none_is_no_finding() -> None:
    found = list(findings(study(baseline(), at_tokens(repair(), -0.01, 0.3))))
    assert found == [
        f"No arm is significantly better than drawing {AGAIN}.",
        "This is adjusted by Holm for 1 arm, on 10 problems.",
        "Not compared with drawing again: single shot.",
        "Significantly different from single shot, after Holm: error_feedback (+30.0 points).",
    ]


def test_without_draws_nothing_is_said_of_them() -> None:
    assert list(findings(study(baseline()))) == ["Not compared with drawing again: single shot."]
