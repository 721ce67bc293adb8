"""The page of a run: its data, and what a browser makes of them."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from random import Random
from typing import Any, Literal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect

from agent.commands.report import main
from agent.report.build import build_report
from agent.report.summary import Report
from agent.report.web import PAGE
from agent.report.web.compare_page import compare_page
from agent.report.web.problem_data import line_changes, problem_data
from agent.report.web.run_data import cost_points, draft_curves, error_classes, run_data
from agent.report.web.run_page import FOLDER, SCRIPTS, run_page, script
from agent.types import Completion, Message, Patch, Problem, Sampling, Trace, Usage
from sandbox.types import Outcome, Status
from tests.experiments.small_traces import One, call, trace_of
from tests.report.browser import visiting

HOSTILE = (
    "</script><script>document.title = 'hit'</script>"
    "</template><img src=x onerror=\"document.title='hit'\">"
    " \u202egnp.exe \x1b[31m \x00 \ud800 &amp; `{{ 7 * 7 }}`"
)
WIDTHS = (1400, 400)
TEXTS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) found.push(walker.currentNode.data.trim());
    return found;
}"""
"""A script that returns the text of each text node."""


def repaired(task: str, text: str = "grow more") -> Trace:
    """Return a lost problem with two drafts, a repair and a patch."""
    trace = trace_of(
        One(False, "-+", source="def grow(x):\n    return x\n", tokens=10),
        One(False, "--", source="def grow(x):\n    return 0\n", tokens=12),
        One(False, "++", parent=0, round=1, source="def grow(x):\n    return x + 2\n"),
        One(True, "++", parent=1, round=1, source="def grow(x):\n    return x + 1\n"),
        task=task,
        answer=2,
        calls=[call(0, 20, 10, 12), call(1, 50, 30)],
        request=20,
    )
    told = trace.calls[1].model_copy(
        update={"messages": (Message(role="user", content=text),), "candidate": 2, "parent": 0}
    )
    patch = Patch(kinds=("constant",), diff="", weak=True)
    *others, last = trace.candidates
    return trace.model_copy(
        update={
            "problem": Problem(
                task_id=task, prompt=f"# {text}\n" + trace.problem.prompt, entry_point="grow"
            ),
            "candidates": (*others, last.model_copy(update={"patch": patch})),
            "calls": (trace.calls[0], told),
            "rounds": 1,
        }
    )


def report_of(*traces: Trace, starts: tuple[float, ...] = ()) -> Report:
    return build_report(
        traces, dataset="own", model="scripted/a", sandbox="local", starts=starts, unscored=()
    )


def files_of(*traces: Trace, name: str = "own") -> dict[str, str]:
    manifest = {"created": "now", "git": {"commit": "abc"}}
    return run_page(name, traces, report_of(*traces, starts=(2.0,)), manifest)


def unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))


def test_the_data_of_a_problem_are_those_of_its_trace() -> None:
    data = problem_data(repaired("Own/1"))
    assert [one["hidden"] for one in data["candidates"]] == [  # type: ignore[attr-defined]  # JSON
        *("wrong answer", "wrong answer", "wrong answer", "passed")
    ]
    assert data["rows"] == {0: "✗.", 1: "✗✗", 2: "..", 3: ".."}
    assert data["candidates"][3]["kinds"] == ["constant"]  # type: ignore[index]  # JSON
    text = json.dumps({name: value for name, value in data.items() if name != "verdict"})
    assert "hidden_test" not in text


def test_only_lines_that_change_are_changes() -> None:
    assert line_changes("a\nb\n", "a\nc\nd") == [("equal", 0, 1, 0, 1), ("replace", 1, 2, 1, 3)]


def test_examples_are_marked_where_they_stand() -> None:
    trace = repaired("Own/1")
    prompt = trace.problem.prompt
    start = prompt.index(">>>")
    one, two = trace.tests
    spans = ((start, start + 5), (start + 1, start + 3))
    tests = (one.model_copy(update={"span": spans[0]}), two.model_copy(update={"span": spans[1]}))
    pieces: Any = problem_data(trace.model_copy(update={"tests": tests}))["prompt"]
    assert "".join(piece["text"] for piece in pieces) == prompt
    assert [piece.get("tests") for piece in pieces] == [None, [0], None]


def test_the_cost_of_the_loop_stands_beside_that_of_drafts() -> None:
    traces = [repaired("Own/1"), trace_of(One(True, "+", tokens=5), task="Own/2")]
    points = cost_points(traces)
    assert [share for _, share in points] == [0.5, 0.5, 0.5]
    assert points[0][0] <= points[1][0] <= points[2][0]
    assert draft_curves(traces) == {"chosen": [], "best": []}  # two drafts, and one
    assert draft_curves([traces[0]]) == {
        "chosen": [(30.0, 0.0), (42.0, 0.0)],
        "best": [(30.0, 0.0), (42.0, 0.0)],
    }


def test_a_greedy_draft_takes_a_request_of_its_own() -> None:
    first = call(0, 20, 10).model_copy(update={"sampling": Sampling(temperature=0)})
    ones = [One(False, "-", tokens=10), One(True, "+", tokens=12), One(True, "+", tokens=12)]
    trace = trace_of(*ones, calls=[first, call(0, 20, 12, 12)], request=20)
    assert [tokens for tokens, _ in draft_curves([trace])["best"]] == [30, 62, 74]  # type: ignore[attr-defined]  # JSON
    assert [t for t, _ in draft_curves([trace])["best"]][-1] == trace.usage.total  # type: ignore[attr-defined]  # JSON


def test_drafts_alone_are_chosen_by_their_examples() -> None:
    trace = trace_of(
        One(False, "-+", tokens=10), One(True, "++", tokens=10), One(False, "++", tokens=10)
    )
    points = draft_curves([trace])
    assert [share for _, share in points["chosen"]] == [0, 1, 0.5]  # type: ignore[attr-defined]  # JSON
    assert [share for _, share in points["best"]] == [0, 1, 1]  # type: ignore[attr-defined]  # JSON


def test_errors_are_counted_once_a_program() -> None:
    trace = trace_of(One(False, "-++"), One(False, "---"))
    first, second = trace.rows
    raised = Outcome(Status.EXCEPTION, exception="NameError")
    rows = (
        first.model_copy(update={"outcomes": (raised, raised, Outcome(Status.TIMEOUT))}),
        second.model_copy(update={"outcomes": (raised, *second.outcomes[1:])}),
    )
    traces = [trace.model_copy(update={"rows": rows})]
    assert error_classes(traces) == [("NameError", 2), ("timeout", 1)]


def test_the_cost_is_told_in_tokens_and_at_a_price_in_money() -> None:
    traces = [trace_of(One(True, "+"), task=f"Own/{i}", calls=[call(0, 10, 5)]) for i in range(2)]
    cheap = run_data("own", traces, report_of(*traces), ())
    assert cheap["spent"] == "30 tokens (15 a problem), 2 programs run"
    large = trace_of(One(True, "+"), calls=[call(0, 1_000_000, 500_000)])
    told = str(run_data("own", [large], report_of(large), (), (0.1, 0.4))["spent"])
    assert "0.3000 at 0.1 and 0.4 for a million" in told


def test_the_scripts_are_few_and_never_write_markup() -> None:
    text = script()
    assert len(SCRIPTS) == 10
    assert text.count("\n") < 900
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_very_many_changed_lines_are_one_change() -> None:
    before = ["head", *(f"if x == {i}:" for i in range(4000)), "tail"]
    after = ["head", *(f"if y == {i}:" for i in range(5000)), "tail"]
    assert line_changes("\n".join(before), "\n".join(after)) == [
        *(("equal", 0, 1, 0, 1), ("replace", 1, 4001, 1, 5001), ("equal", 4001, 4002, 5001, 5002))
    ]
    assert line_changes("a\nb", "a\nb") == [("equal", 0, 2, 0, 2)]
    assert line_changes("a\nb\nc", "a\nc") == [
        *(("equal", 0, 1, 0, 1), ("delete", 1, 2, 1, 1), ("equal", 2, 3, 1, 2))
    ]


@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9))
def test_changes_lead_from_one_program_to_the_other(before: list[str], after: list[str]) -> None:
    one, two = (("\n".join(lines)).rstrip("\n").split("\n") for lines in (before, after))
    made = []
    for tag, a, b, c, d in line_changes("\n".join(before), "\n".join(after)):
        assert tag != "equal" or one[a:b] == two[c:d]
        made += two[c:d]
    assert made == two


def test_a_page_holds_no_address() -> None:
    page = files_of(repaired("Own/1"))[PAGE]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


def test_many_problems_have_a_folder_of_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.report.web.run_page.LARGE", 9)
    files = files_of(*(repaired(f"Own/{i}") for i in range(10)))
    assert [*files] == [PAGE, f"{FOLDER}/0.js", f"{FOLDER}/1.js"]
    found = re.fullmatch(r'loaded\("1", "(.+)"\);\n', files[f"{FOLDER}/1.js"])
    assert found is not None
    assert [one["id"] for one in unpacked(found[1])] == ["Own/8", "Own/9"]


@pytest.mark.parametrize("price", ["1", "a,b", "-1,2", "1,inf"])
def test_a_bad_price_is_refused(
    price: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), f"--price={price}"]) == 2
    assert "must be two numbers, such as 0.10,0.40" in capsys.readouterr().err


def write(folder: Path, *traces: Trace) -> Path:
    for name, text in files_of(*traces).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder / PAGE


def several() -> list[Trace]:
    right = trace_of(One(True, "++", tokens=5), One(True, "++", tokens=900), task="Own/2")
    return [repaired("Own/10"), right, repaired("Own/1")]


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_is_filtered_sorted_and_walked_by_keys(width: int, tmp_path: Path) -> None:
    page_file = write(tmp_path, *several())
    with visiting(width) as visit:
        visit.open(page_file)
        page = visit.page
        rows = page.locator("table.problems tbody tr")
        expect(rows).to_have_count(3)
        page.select_option("#filter", "solved")
        expect(rows).to_have_count(1)
        page.select_option("#filter", "all")
        page.get_by_role("button", name="problem", exact=True).click()
        expect(rows.locator("th")).to_have_text(["Own/1", "Own/2", "Own/10"])
        page.get_by_role("button", name="problem", exact=False).first.click()
        expect(rows.locator("th")).to_have_text(["Own/10", "Own/2", "Own/1"])
        page.locator("h1").click()
        page.keyboard.press("/")
        page.keyboard.type("own/2")
        expect(rows).to_have_count(1)
        page.fill("#search", "")
        page.locator("h1").click()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("h2").first).to_have_text("Own/10")
        page.keyboard.press("j")
        expect(page.locator("h2").first).to_have_text("Own/2")
        page.keyboard.press("k")
        page.keyboard.press("u")
        expect(page.locator("h1")).to_have_text("own")
        page.keyboard.press("?")
        expect(page.locator("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        assert visit.requests == [page_file.as_uri()]
        assert visit.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_a_problem_shows_why_it_was_lost(width: int, tmp_path: Path) -> None:
    page_file = write(tmp_path, *several())
    with visiting(width) as visit:
        visit.open(page_file)
        page = visit.page
        page.get_by_role("button", name="selection").click()  # the reason of the loss
        page.locator("table.problems tbody a").first.click()
        expect(page.locator("#verdict p.lead")).to_contain_text("Lost by: selection.")
        seen = page.locator("main").inner_text().partition("Verdict of the hidden tests")[0]
        assert "Lost by" not in seen  # nothing of the verdict stands among what the loop saw
        page.get_by_role("button", name="candidate 0, test 0: wrong answer").click()
        expect(page.locator(".evidence h4")).to_have_text("Candidate 0, test 0: wrong answer")
        page.get_by_text("told: error_feedback").click()
        expect(page.locator("article pre").first).to_have_text("grow more")
        changed = page.locator("table.diff").first
        expect(changed.locator("td.new")).to_have_text("+     return x + 2")
        expect(page.get_by_text("weak patch: constant").first).to_be_visible()
        heads = page.locator("main h3").all_text_contents()
        assert heads[-1] == "Verdict of the hidden tests"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        visit.open(page_file, "#Own/1")  # a deep link
        expect(page.locator("h2").first).to_have_text("Own/1")
        assert visit.complaints == []


@pytest.mark.browser
def test_any_task_id_has_its_address(tmp_path: Path) -> None:
    names = ["math/1+1", "a b", "50%", "x:y,z=&@#?", "Übung/1", "a%20b"]
    page_file = write(tmp_path, *(repaired(name) for name in names))
    with visiting() as visit:
        for name in names:
            for fragment in (quote(name), quote(name, safe="")):
                visit.page.goto("about:blank")
                visit.open(page_file, f"#{fragment}")
                expect(visit.page.locator("h2").first).to_have_text(name)
        visit.page.keyboard.press("u")
        for name in names:
            visit.page.get_by_role("link", name=name, exact=True).click()
            expect(visit.page.locator("h2").first).to_have_text(name)
            visit.page.keyboard.press("u")
        visit.open(page_file, "#50%")  # typed by hand
        expect(visit.page.locator("h2").first).to_have_text("50%")


@pytest.mark.browser
def test_text_of_a_model_is_only_ever_text(tmp_path: Path) -> None:
    text = HOSTILE + "x" * 1_000_000
    traces = [repaired("Own/1", text), repaired(f"Own/{HOSTILE[:60]}")]
    page_file = write(tmp_path, *traces)
    with visiting() as visit:
        visit.open(page_file, "#Own/1")
        page = visit.page
        shown = page.locator("pre.prompt").text_content()
        assert shown is not None
        assert HOSTILE[:60] in shown
        assert "\\u202egnp.exe \\x1b[31m \\x00" in shown
        assert len(shown) > 1_000_000
        page.get_by_text("told: error_feedback").click()
        page.keyboard.press("u")
        expect(page.locator("table.problems tbody tr")).to_have_count(2)
        assert "hit" not in page.title()
        assert page.locator("img").count() == 0
        assert visit.complaints == []
        assert visit.requests == [page_file.as_uri()]


@pytest.mark.browser
def test_a_folder_of_problems_is_read_from_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.report.web.run_page.LARGE", 9)
    page_file = write(tmp_path, *(repaired(f"Own/{i}") for i in range(10)))
    with visiting() as visit:
        visit.open(page_file, "#Own/9")
        expect(visit.page.locator("pre.prompt")).to_contain_text("grow more")
        assert visit.complaints == []
        (tmp_path / FOLDER / "0.js").unlink()
        visit.page.goto(page_file.as_uri() + "#Own/1")
        expect(visit.page.locator("p.warning")).to_contain_text(f"{FOLDER}/0.js is missing")


@pytest.mark.browser
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious(
    colours: Literal["light", "dark"], width: int, tmp_path: Path
) -> None:
    page_file = write(tmp_path, *several())
    with visiting(width, colours) as visit:
        for fragment in ("", "#Own/1"):
            visit.open(page_file, fragment)
            visit.page.reload()
            visit.page.wait_for_selector("main h1, main h2")
            assert visit.violations() == []


@pytest.mark.browser
def test_a_printed_page_is_whole_and_light(tmp_path: Path) -> None:
    page_file = write(tmp_path, *several())
    with visiting(colours="dark") as visit:
        page = visit.page
        for fragment in ("", "#Own/1"):
            visit.open(page_file, fragment)
            page.reload()
            page.wait_for_selector("main h1, main h2")
            page.keyboard.press("t")
            page.keyboard.press("t")  # dark by the user's choice, too
            page.emulate_media(media="print")
            page.evaluate("dispatchEvent(new Event('beforeprint'))")
            assert page.locator("details").count() > 1
            assert page.locator("details:not([open])").count() == 0
            assert page.locator("details > :only-child").count() == 0
            assert not {"null", "undefined", "NaN"} & {*page.evaluate(TEXTS)}
            assert page.locator("nav:visible, .controls:visible, .moves:visible").count() == 0
            colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert colour == "rgb(255, 255, 255)"
            page.evaluate("dispatchEvent(new Event('afterprint'))")
            assert page.locator("details[open]").count() == 0
            page.emulate_media(media="screen")
        assert visit.complaints == []


def large(task: str, random: Random) -> Trace:
    """Return a problem with 20 programs of 25 lines, no two lines of which are the same."""
    words = [f"{random.getrandbits(24):x}" for _ in range(200)]
    programs = [
        "def grow(x):\n"
        + "".join(
            "    v_{} = v_{} + x * v_{}\n".format(*random.sample(words, 3)) for _ in range(25)
        )
        for _ in range(20)
    ]
    ones = [One(i == 7, "+-" * 10, source=program) for i, program in enumerate(programs)]
    answers = [Completion(text=text, usage=Usage(completion_tokens=9)) for text in programs]
    asked = call(0, 9).model_copy(
        update={
            "messages": (Message(role="user", content=" ".join(words)),),
            "completions": tuple(answers),
        }
    )
    return trace_of(*ones, task=task, calls=[asked])


@pytest.mark.browser
def test_a_large_run_opens_at_once(tmp_path: Path) -> None:
    page_file = write(tmp_path, *(large(f"Own/{i}", Random(i)) for i in range(1000)))
    assert page_file.stat().st_size < 15_000_000
    with visiting() as visit:
        visit.open(page_file)
        expect(visit.page.locator("table.problems tbody tr")).to_have_count(1000)
        visit.page.wait_for_function("performance.getEntriesByName('painted').length")
        own = visit.page.evaluate("performance.getEntriesByName('painted')[0].startTime")
        print(f"{page_file.stat().st_size:,} bytes, painted after {own:.0f} ms")


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_two_runs_stand_side_by_side(width: int, tmp_path: Path) -> None:
    same = trace_of(One(True, "++", tokens=5), task="Own/2")
    fixed = trace_of(One(True, "++", tokens=5), task="Own/1")
    text = compare_page(
        ("before", "after"),
        [(same, same), (repaired("Own/1"), fixed)],
        "better",
        "+50.0 points",
        [("tokens", "10", "5")],
        ["different problems"],
    )
    (tmp_path / "both.html").write_text(text)
    with visiting(width) as visit:
        visit.open(tmp_path / "both.html")
        page = visit.page
        rows = page.locator("table.problems tbody tr")
        expect(rows.locator("th")).to_have_text(["Own/1", "Own/2"])
        page.select_option("#filter", "gained")
        expect(rows).to_have_count(1)
        page.locator("table.problems tbody a").first.click()
        columns = page.locator(".both > div")
        expect(columns).to_have_count(2)
        expect(columns.nth(0).locator(".run-name")).to_have_text("first: before")
        expect(columns.nth(0).locator("#a-verdict p.lead")).to_contain_text("answer ✗ wrong answer")
        expect(columns.nth(1).locator("#b-verdict p.lead")).to_contain_text("answer ✓ passed")
        columns.nth(1).get_by_role("button", name="candidate 0, test 1: passed").click()
        expect(columns.nth(1).locator(".evidence h4")).to_have_text("Candidate 0, test 1: passed")
        expect(columns.nth(0).locator(".evidence h4")).to_have_count(0)
        ids = page.eval_on_selector_all("[id]", "(nodes) => nodes.map((node) => node.id)")
        assert len(ids) == len(set(ids))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.complaints == []
        assert len(visit.requests) == 1
