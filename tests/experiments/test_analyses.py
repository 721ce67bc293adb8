"""The analyses of finished runs: one question, one table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.config import RunConfig
from agent.errors import ConfigError
from agent.models.scripted import ScriptedModel
from agent.report.build import build_report
from agent.types import Problem, Row, Sampling, Timing, Trace
from experiments.analyse import main
from experiments.analyses import (
    by_category,
    closeness,
    contamination,
    failures,
    lengths,
    noise,
    quality,
    stages,
    stochastic,
)
from experiments.analyses.analysis_table import AnalysedRun, AnalysisTable, markdown
from experiments.analyses.choosing import ANALYSES, chosen
from sandbox import SandboxConfig, open_sandbox
from sandbox.types import Outcome, Status
from tests.experiments.small_traces import One, call, trace_of
from tests.runner.test_run import dataset

TEXT = 'def grow(x):\n    """Longer text.\n\n    >>> grow("a")\n    "aa"\n    """\n'


def run_of(*traces: Trace, name: str = "run", **changed: object) -> AnalysedRun:
    report = build_report(
        traces, dataset="own", model="scripted/a", sandbox="local", starts=(), unscored=()
    )
    own = report.model_copy(update=changed)
    return AnalysedRun(name, RunConfig(), own, {t.problem.task_id: t for t in traces})


def lines(section: AnalysisTable) -> list[Mapping[str, object]]:
    return [dict(zip(section.head, row, strict=True)) for row in section.rows]


def test_problems_are_counted_by_category_and_the_extremes_are_named() -> None:
    right = [trace_of(One(True), task=f"A/{i}") for i in range(5)]
    mixed = [trace_of(One(i > 2), task=f"B/{i}", prompt=TEXT) for i in range(6)]
    (section,) = by_category.tables([run_of(*right, *mixed)], by_category.read_categories("values"))
    numbers, text = lines(section)
    assert (numbers["category"], numbers["solved"], numbers["failed"]) == ("numbers", 5, 0)
    assert (text["category"], text["solved"], text["failed"], text["pass@1 in %"]) == (
        *("text", 3, 3),
        50.0,
    )
    assert section.notes == (
        "run: best numbers (5 of 5), worst text (3 of 6), of those with at least 5 problems.",
    )


def test_a_file_of_categories_has_rules_and_tasks(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "rules:\n- {category: long, words: [longer]}\n- {category: more, words: [one m]}\n"
        "tasks: {picked: [A/2]}\n"
    )
    names, of = by_category.read_categories(str(path))
    assert names == ("long", "more", "picked", "other")
    problems = [Problem(task_id=f"A/{i}", prompt=TEXT, entry_point="grow") for i in range(3)]
    assert [of(one) for one in problems] == ["long", "long", "picked"]
    assert of(problems[0].model_copy(update={"prompt": "prolonger"})) == "other"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no file and no name"),
        ("rules: {", "not valid YAML"),
        ("rules: [{words: [a]}]", "rules.0.category: Field required"),
        ("kinds: []", "kinds: Extra inputs are not permitted"),
        ("rules: []", "has neither rules nor tasks"),
        ("tasks: {a: [X/1], b: [X/1]}", "X/1 is in two categories"),
        ("- a", "must be a mapping"),
    ],
)
def test_a_broken_file_of_categories_is_refused(
    text: str | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=words) as caught:
        by_category.read_categories(str(path))
    assert "\n" not in str(caught.value)


def test_the_categories_of_humaneval_cover_it_and_none_is_empty() -> None:
    from agent.datasets import load

    names, of = by_category.read_categories("humaneval")
    found = [of(problem) for problem in load("humaneval").problems]
    assert len(found) == 164
    assert set(found) == {*names} - {"other"}


def raising(name: str) -> Outcome:
    return Outcome(Status.EXCEPTION, exception=name)


def test_outcomes_stand_by_round_and_runtime_errors_are_set_aside() -> None:
    trace = trace_of(
        One(False, "-", outcome="exception"),
        One(True, "+"),
        One(False, "-", round=1, outcome="syntax error"),
        answer=1,
    )
    rows = (Row(candidate=0, outcomes=(raising("KeyError"), raising("TypeError"))), *trace.rows[1:])
    outcomes, exceptions = failures.tables([run_of(trace.model_copy(update={"rows": rows}))])
    found = {line["programs of"]: line for line in lines(outcomes)}
    assert [*found] == ["single shot", "all drafts", "round 1", "answer"]
    assert found["all drafts"]["pass@1 in %"] == 50
    assert found["all drafts"]["without runtime errors in %"] == 100
    assert found["single shot"]["without runtime errors in %"] is None
    assert found["round 1"]["syntax error"] == 1
    assert found["round 1"]["without runtime errors in %"] == 0
    raised = {line["programs of"]: line for line in lines(exceptions)}
    assert raised["all drafts"] == {
        "run": "run",
        "programs of": "all drafts",
        "programs with visible tests": 2,
        "with an exception": 1,
        "KeyError": 1,
    }


def test_lengths_are_those_of_answers_and_of_programs() -> None:
    calls = (call(0, 10, 3, 5), call(1, 20, 40))
    cut = calls[1].completions[0].model_copy(update={"finish_reason": "length"})
    calls = (calls[0], calls[1].model_copy(update={"completions": (cut,)}))
    trace = trace_of(One(True, source="a\n\nb\n"), One(False, source="c\n"), calls=calls)
    answers, programs = lengths.tables([run_of(trace)])
    drafts, repairs = lines(answers)
    assert (drafts["answers"], drafts["prompt, mean"], drafts["answer, mean"]) == (2, 10.0, 4.0)
    assert (drafts["tokens in all"], drafts["cut"], repairs["cut"]) == (18, 0, 1)
    every = next(line for line in lines(programs) if line["programs of"] == "all drafts")
    assert (every["lines, mean"], every["lines of these, mean"]) == (2.0, 1.0)


def test_stages_have_their_requests_and_their_time() -> None:
    trace = trace_of(One(True), calls=(call(0, 10, 3, 5), call(1, 20, 40)))
    times = {"draft": 1.0, "judge": 0.5, "repair": 0.5}
    timeline = tuple(Timing(name=name, start=0.0, seconds=time) for name, time in times.items())
    timed = trace.model_copy(update={"timeline": timeline})
    (section,) = stages.tables([run_of(timed, seconds=4.0)])
    found = {line["stage"]: line for line in lines(section)}
    assert [*found] == ["draft", "repair", "judge", "all"]
    assert (found["draft"]["tokens"], found["draft"]["tokens a second"]) == (18, 4.5)
    assert (found["draft"]["in %"], found["judge"]["in %"]) == (50, 25)
    assert (found["judge"]["requests"], found["judge"]["problems a second"]) == (None, 0.25)
    (former,) = stages.tables([run_of(trace)])
    assert {line["seconds"] for line in lines(former)} == {None}


@pytest.mark.parametrize(
    ("expected", "actual", "kind"),
    [
        (0.1 + 0.2, 0.3, "rounding"),
        (3, 4, "off by one"),
        (-3, 3, "other sign"),
        (100, 93, "within 10 %"),
        (100, 13, "other number"),
        ([1, 2], [2, 1], "same items, other order"),
        ([1, 2], (1, 3), "one item differs"),
        ([1, 2], [1], "other length"),
        ([1, 2], [3, 4], "other items"),
        ("a", 1, "other type"),
        (True, 1, "other type"),
        ("a", "b", "other value"),
        (10**400, 10**400 + 1, "other value"),
        (float("nan"), 1.0, "other value"),
    ],
)
def test_a_wrong_value_is_of_one_kind(expected: object, actual: object, kind: str) -> None:
    assert closeness.kind_of(expected, actual) == kind
    assert kind in closeness.KINDS


def test_errors_are_medians_over_pairs_of_numbers() -> None:
    trace = trace_of(One(False, "---"))
    pairs = [("4", "5"), ("0", "3"), ("<object>", "1"), ("'a'", "'b'")]
    outcomes = tuple(Outcome(Status.WRONG_ANSWER, expected=a, actual=b) for a, b in pairs)
    own = trace.model_copy(update={"rows": (Row(candidate=0, outcomes=outcomes),)})
    (section,) = closeness.tables([run_of(own)])
    first = lines(section)[0]
    assert (first["wrong values"], first["pairs of numbers"]) == (3, 2)
    assert (first["absolute error"], first["error in %"]) == (2.0, 25.0)


def test_quality_is_that_of_right_and_wrong_programs() -> None:
    branching = "def grow(x):\n    if x:\n        return 1\n    return 2\n"
    untidy = "import os\ndef grow(x):\n    return x == None\n"
    traces = [
        trace_of(One(True, source=branching), task="A/0"),
        trace_of(One(False, source=untidy), task="A/1"),
        trace_of(One(False, source="def grow("), task="A/2"),
    ]
    (section,) = quality.tables([run_of(*traces)])
    right, wrong, *_ = lines(section)
    assert (right["programs"], right["complexity, mean"], right["findings per 100 lines"]) == (
        *(1, 2.0),
        0.0,
    )
    assert (wrong["programs"], wrong["most complex"]) == (1, 1)
    assert wrong["most frequent"] == "E711 (1), F401 (1)"


def test_the_noise_floor_compares_runs_of_the_same_settings() -> None:
    one = run_of(trace_of(One(True, source="a"), task="A/0"), name="one", asked=1)
    two = run_of(trace_of(One(False, source="b"), task="A/0"), name="two", asked=0)
    (section,) = noise.tables([one, two])
    first, _ = lines(section)
    assert (first["only first right"], first["difference in points"]) == (1, -100.0)
    assert first["same programs in %"] == 0
    assert section.notes[1:] == ("two: all answers came from a store.",)
    other = AnalysedRun("other", RunConfig(rounds=1), two.report, two.traces)
    (section,) = noise.tables([one, other])
    assert section.notes[1].startswith("one and other differ in their settings: rounds is 3")


async def test_a_program_that_draws_numbers_is_stochastic() -> None:
    drawn = "import random\ndef grow(x):\n    return random.random()\n"
    clock = "import time\ndef grow(x):\n    return time.time_ns()\n"
    fixed = "import random\nrandom.seed(3)\ndef grow(x):\n    return x + 1\n"
    trace = trace_of(One(False, source=drawn), One(False, source=clock), One(True, source=fixed))
    async with open_sandbox(SandboxConfig(backend="local", slots=1)) as sandbox:
        (section,) = await stochastic.tables([run_of(trace)], sandbox)
    single, every, _ = lines(section)
    assert (single["examined"], single["stochastic"], single["right among these"]) == (1, 1, 0)
    assert (every["examined"], every["stochastic"]) == (3, 2)
    assert section.notes[1] == "run: Own/0."


WORDS = " ".join(f"word{i}" for i in range(20))


def test_the_copied_words_are_counted_from_the_start() -> None:
    problem = Problem(task_id="A/0", prompt=WORDS, entry_point="f")
    halves = contamination.halves(problem)
    assert halves is not None
    assert "".join(halves) == WORDS
    assert contamination.copied(halves[1], "word10  word11\nword13") == 2
    assert contamination.halves(problem.model_copy(update={"prompt": "a b c"})) is None


@pytest.mark.parametrize("endpoint", ["chat", "completions"])
async def test_a_model_that_knows_a_prompt_is_found(endpoint: str) -> None:
    problems = [Problem(task_id=f"A/{i}", prompt=WORDS, entry_point="f") for i in range(2)]
    known, other = " ".join(WORDS.split()[10:]), "nothing of it"
    model = ScriptedModel([known, other])
    sampling = Sampling(temperature=0, endpoint="chat" if endpoint == "chat" else "completions")
    section = await contamination.table(problems, model, sampling)
    (line,) = lines(section)
    assert (line["prompts"], line["longest"], line["at least 8 words"], line["in %"]) == (
        *(2, 10, 1),
        50.0,
    )
    assert section.notes[1] == "Longest: A/0 (10 of 10)."


@pytest.mark.parametrize(
    ("source", "complexity"),
    [
        ("x = 1", 1),
        ("def g(x):\n    def h(y):\n        if y: return 1\n        return 2\n    return h(x)", 2),
        ("class A:\n    def f(self, x):\n        if x: return 1\n        return 2", 2),
        ("async def f(x):\n    for i in x:\n        if i and x: return i", 4),
    ],
)
def test_complexity_is_that_of_the_most_complex_function(source: str, complexity: int) -> None:
    assert quality.complexity_of(source) == complexity


def test_a_program_that_nests_too_deeply_has_no_quality() -> None:
    deep = "def f(x):\n    return " + "+".join(["x"] * 3000)
    (section,) = quality.tables([run_of(trace_of(One(True, source=deep)))])
    assert {line["programs"] for line in lines(section)} == {0}


def test_names_are_checked() -> None:
    assert "noise" not in chosen(None, 1)
    assert "noise" in chosen(None, 2)
    assert chosen("quality, errors", 1) == ("quality", "errors")
    with pytest.raises(ConfigError, match="no analysis 'speed'; choose from categories, errors"):
        chosen("speed", 1)
    with pytest.raises(ConfigError, match="noise compares 2 runs or more"):
        chosen("noise", 1)


def test_the_command_reads_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from agent.run import main as run

    out = tmp_path / "run"
    shared = ["--dataset", str(dataset(tmp_path)), "--store", str(tmp_path / "store.sqlite")]
    assert run([*shared, "--sandbox", "local", "--model", "embedded", "--out", str(out)]) == 0
    capsys.readouterr()
    every = ",".join(name for name in ANALYSES if name != "noise")
    assert main([str(out), "--only", every, "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [*dict.fromkeys(section["name"] for section in found)] == every.split(",")
    assert main([str(out)]) == 0
    assert "## Stages" in capsys.readouterr().out
    twice = [str(out), "--only", "noise"]
    for words in (["--only", "speed"], ["--categories", "none"], ["--quick"], twice):
        assert main([str(out), *words]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main([str(tmp_path)]) == 2


def test_sections_are_escaped() -> None:
    section = AnalysisTable(name="a", title="<b>", head=("x",), rows=(("|",), (None,), (1234.56,)))
    assert markdown([section]).splitlines() == [
        *("## \\<b\\>", "", "| x |", "| --- |"),
        *("| \\| |", "| - |", "| 1,234.6 |"),
    ]
