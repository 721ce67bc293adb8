"""A study as one HTML page that opens from a file and makes no network requests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from agent.report.figures import SIGNIFICANT, count
from agent.report.web.run_page import html_template, style
from agent.support.safe_text import one_line
from experiments.studies import tables
from experiments.studies.cells import points
from experiments.studies.plots import PLOTS
from experiments.studies.problem_grid import GridRow, page_address
from experiments.studies.results import ArmResult, ArmSpending, StudyResult

TEMPLATE = Path(__file__).resolve().parent / "templates" / "study.html.j2"


def page(
    result: StudyResult,
    spending: Sequence[ArmSpending],
    folder: Path,
    problems: Sequence[GridRow] = (),
) -> str:
    """Return the page of a study. It includes the plots, which must be in `plots` of the folder."""
    figures = [
        (plot.title, _inline((folder / "plots" / f"{plot.name}.svg").read_text("utf-8"), plot.name))
        for plot in PLOTS
    ]
    return html_template(TEMPLATE).render(
        name=one_line(result.name),
        style=style(),
        findings=list(findings(result)),
        figures=figures,
        tables=_html(tables.body(result)),
        spending=_html(tables.spending(spending)),
        links=[(one_line(arm.name), page_address(arm.folder)) for arm in result.arms],
        differing=[row for row in problems if row.differs],
        equal=[row for row in problems if not row.differs],
    )


def findings(result: StudyResult) -> Iterator[str]:
    """Yield the findings, one sentence each: first against draws, then against the baseline."""
    compared = [arm for arm in result.arms if arm.at_tokens is not None]
    others = [one_line(arm.name) for arm in result.arms if arm.at_tokens is None]
    if compared:
        yield from _against_draws(compared)
        yield (
            f"This is adjusted by Holm for {count(len(compared), 'arm')}, on"
            f" {count(result.problems, 'problem')}."
        )
    if others:
        yield f"Not compared with drawing again: {', '.join(others)}."
    yield from _against_baseline(result)


def _against_draws(compared: Sequence[ArmResult]) -> Iterator[str]:
    better = [arm for arm in compared if tables.against_draws(arm.at_tokens) == tables.MORE]
    worse = [arm for arm in compared if tables.against_draws(arm.at_tokens) == tables.LESS]
    than = "than drawing again, with the same stop, at the same tokens"
    if better:
        yield f"Significantly better {than}: {_named(better)}."
    else:
        yield f"No arm is significantly better {than}."
    if worse:
        yield f"Significantly worse {than}: {_named(worse)}."
    short = [one_line(arm.name) for arm in better if arm.beyond]
    if short:
        yield f"The stored draws cost less than the arm, which favours: {', '.join(short)}."


def _against_baseline(result: StudyResult) -> Iterator[str]:
    changes = [
        (one_line(arm.name), arm.versus.value)
        for arm in result.arms
        if arm.versus is not None and arm.holm is not None and arm.holm < SIGNIFICANT
    ]
    baseline = one_line(result.baseline)
    if changes:
        named = ", ".join(f"{name} ({points(value)} points)" for name, value in changes)
        yield f"Significantly different from {baseline}, after Holm: {named}."
    elif len(result.arms) > 1:
        yield f"No arm differs significantly from {baseline} after Holm."


def _named(arms: Sequence[ArmResult]) -> str:
    return ", ".join(
        f"{one_line(arm.name)} ({points(arm.at_tokens.value)} points)"
        for arm in arms
        if arm.at_tokens is not None
    )


def _inline(svg: str, name: str) -> Markup:
    """Return the svg element with its ids made unique: all plots use the same ids."""

    def prefixed(tag: re.Match[str]) -> str:
        return re.sub(r'(\sid="|url\(#|href="#)', rf"\g<1>{name}-", tag.group())

    # Safe: matplotlib escapes the names in it.
    return Markup(re.sub("<[^<>]+>", prefixed, svg[svg.index("<svg") :]))


def _html(text: str) -> Markup:
    """Return Markdown of `tables` as HTML, with each table in a frame that scrolls.

    A frame is named after its section, and numbered.
    """
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    section, number = "Study", 0

    def framed(tag: re.Match[str]) -> str:
        nonlocal section, number
        section, number = tag["heading"] or section, 0 if tag["heading"] else number + 1
        name = section if number < 2 else f"{section}, {number}"
        frame = f'<div class="scroll" role="region" aria-label="{name}" tabindex="0"><table>'
        return tag.group() if tag["heading"] else frame

    # Safe: markdown-it escapes all text, so that every tag here comes from markdown-it.
    html = re.sub("<h2>(?P<heading>[^<]*)</h2>|<table>", framed, html)
    return Markup(html.replace("</table>", "</table></div>"))
