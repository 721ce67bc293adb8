from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from agent.report.build import build_report
from agent.report.figures import duration, figures, warnings
from agent.report.markdown import flatten, render_markdown
from agent.report.summary import Report, Unscored
from agent.report.terminal import print_report
from agent.support.safe_text import one_line, visible

MANIFEST: Mapping[str, object] = {
    "tasks": [f"Words/{i}" for i in range(7, 19)],
    "dataset": {"name": "words", "sha256": "9f2c"},
    "git": {"commit": "abc123", "dirty": False},
    "image": None,
    "command": "a | b `c` <d>",
}


def test_the_closing_table(
    report: Report,
    console: Console,
    output: Callable[[], str],
    golden: Callable[[str, str], None],
) -> None:
    print_report(report, Path("runs/words"), console)
    golden("report.txt", output())


def test_unscored_problems_come_first_and_in_red(
    torn_report: Report, golden: Callable[[str, str], None]
) -> None:
    terminal = Console(
        file=StringIO(), width=80, force_terminal=True, color_system="standard", record=True
    )
    print_report(torn_report, Path("runs/words"), terminal)
    styled = terminal.export_text(styles=True, clear=False)
    assert styled.startswith("\x1b[1;31m5 of 9 problems UNSCORED")
    golden("report_torn.txt", terminal.export_text())


def test_only_the_path_is_wider_than_the_console(
    torn_report: Report, console: Console, output: Callable[[], str]
) -> None:
    path = Path("/a/rather/long/path") / ("x" * 90)
    print_report(torn_report, path, console)
    lines = output().splitlines()
    assert max(map(len, lines[:-1])) <= 80
    assert lines[-1] == f"run folder: {path}"


def test_a_pipe_gets_no_colours_and_no_control_characters_of_names(
    report: Report, console: Console, output: Callable[[], str]
) -> None:
    odd = report.model_copy(update={"model": "[red]x[/red]\x1b[2J\x9b31m\u202e"})
    print_report(odd, Path("[/bold]"), console)
    assert "\x1b" not in output()
    assert "\x9b" not in output()
    assert r"[red]x[/red]\x1b[2J\x9b31m\u202e" in output()
    assert "run folder: [/bold]" in output()


def test_a_run_without_a_scored_problem_also_has_a_table(
    console: Console, output: Callable[[], str]
) -> None:
    failed = [Unscored(task_id="Words/1", error="no engine")]
    report = build_report(
        [], dataset="words", model="tiny", sandbox="fake", starts=[0.5], unscored=failed
    )
    print_report(report, Path("runs/words"), console)
    assert output().startswith("1 of 1 problem UNSCORED: the machinery failed on it.")
    assert "no problem was scored" in output()
    assert "0.0 %" not in output()
    assert "no problem was scored" in render_markdown(report, {})


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.00001234, "p = 1.23e-05: significant at 0.05"),
        (0.0499, "p = 0.0499: significant at 0.05"),
        (0.05, "p = 0.05: not significant at 0.05"),
        (1.0, "p = 1: not significant at 0.05"),
    ],
)
def test_significance_is_stated_in_words(report: Report, p: float, words: str) -> None:
    change = report.difference.model_copy(update={"p": p})
    rows = {
        row.label: row.value for row in figures(report.model_copy(update={"difference": change}))
    }
    assert rows["exact McNemar"] == words


def test_every_warning_is_one_line_and_few_are_shown(torn_report: Report, report: Report) -> None:
    assert warnings(report) == ()
    head, *reasons = warnings(torn_report)
    assert head.startswith("5 of 9 problems UNSCORED")
    assert reasons == [
        "Words/20: lost slot 20",
        "Words/21: lost slot 21",
        "Words/22: lost slot 22",
        "and 2 more",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (133.6, "2 min 14 s"),
        (3599.6, "1 h 0 min 0 s"),
        (7325, "2 h 2 min 5 s"),
    ],
)
def test_durations_are_shown_in_the_fitting_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def cells(markdown: str) -> list[list[str]]:
    """Return the text of each table cell, row by row, as a Markdown parser reads it."""
    rows: list[list[str]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and token.level == 4:
            kinds = {child.type for child in token.children or ()}
            assert kinds <= {"text", "code_inline", "strong_open", "strong_close"}, kinds
            rows[-1].append("".join(child.content for child in token.children or ()))
    return rows


def test_the_markdown_report(torn_report: Report, golden: Callable[[str, str], None]) -> None:
    golden("report.md", render_markdown(torn_report, MANIFEST))


def test_markdown_holds_the_same_figures_as_the_terminal(report: Report) -> None:
    rows = cells(render_markdown(report, {}))
    assert rows == [["figure", "value"], *([f.label, f.value] for f in figures(report))]


marks = st.text() | st.text(alphabet="\\`|*_<>[]()!&#$~: -amp;\n")


@settings(deadline=None)
@given(st.dictionaries(marks.filter(bool), marks, max_size=3), marks)
def test_no_text_breaks_out_of_its_cell(facts: dict[str, str], name: str) -> None:
    report = build_report([], dataset=name, model=name, sandbox="", starts=[1], unscored=())
    rows = cells(render_markdown(report, facts))
    assert ["model", " ".join(visible(name).split())] in rows
    assert all(len(row) == 2 for row in rows)
    for key, value in facts.items():
        assert [" ".join(visible(text).split()) for text in (key, value)] in rows


def test_nested_keys_are_flattened_and_long_lists_cut() -> None:
    flat = dict(flatten(MANIFEST))
    assert flat["dataset.sha256"] == "9f2c"
    assert flat["git.dirty"] == "false"
    assert flat["image"] == "null"
    assert flat["tasks"].endswith("Words/14, ... (12 in all)")


@settings(deadline=None)
@given(st.text())
def test_visible_text_has_no_control_character_and_keeps_plain_text(text: str) -> None:
    shown = visible(text)
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e]", shown
    )
    shown.encode()
    assert visible(shown) == shown
    assert "\n" not in one_line(text)
    assert len(one_line(text, 20)) <= 20


def test_visible_text_shows_control_characters_as_escapes() -> None:
    assert visible("a\x1b[31mé\r\n\tb\rc\ud800") == "a\\x1b[31mé\n\tb\\rc\\ud800"


def test_without_a_scored_problem_there_is_no_p_value() -> None:
    failed = [Unscored(task_id="Words/1", error="no slot")]
    report = build_report([], dataset="d", model="m", sandbox="s", starts=[1], unscored=failed)
    shown = {figure.label: figure.value for figure in figures(report)}
    assert shown["final pass@1"] == "no problem was scored"
    assert "exact McNemar" not in shown
    assert " p = " not in render_markdown(report, {})


def test_unjudged_problems_are_listed_at_the_top_with_all_reasons(
    unjudged_report: Report, console: Console, output: Callable[[], str]
) -> None:
    print_report(unjudged_report, Path("runs/words"), console)
    shown = output()
    assert shown.startswith("2 of 4 problems UNJUDGED: ")
    assert shown.index("Words/8, Words/10: needs numpy") < shown.index("final pass@1")
    assert "words, 4 of 9 problems" in shown
    assert "shared: 1, split: 3" in shown
    page = render_markdown(unjudged_report, {})
    assert page.index("Words/8, Words/10: needs numpy") < page.index("final pass@1")
    quoted = MarkdownIt().render(page)
    assert quoted.index("<li>Words/8") < quoted.index("</blockquote>")
    counted = unjudged_report.model_copy(update={"unjudged_count_as_failed": True})
    assert "They count as failed." in warnings(counted)[0]
