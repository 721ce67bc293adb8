"""The loop with a scripted model and a sandbox that runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent.config import RunConfig
from agent.loop.budget import BudgetMeter
from agent.loop.context import LoopContext
from agent.loop.graph import build_graph, run_graph
from agent.models.base import Model
from agent.models.scripted import ScriptedModel
from agent.models.store import Store
from agent.models.stored import StoredModel
from agent.support.data import ROOT
from agent.types import Completion, Message, Problem, Sampling
from agent.visible_tests.inputs.edge_inputs import edge_inputs
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Outcome, Status

EXAMPLES = 2
"""Docstring examples of the problem in conftest."""


def program(note: str) -> str:
    return f"def second_largest(values):\n    return '{note}'"


def fenced(note: str) -> str:
    return f"```python\n{program(note)}\n```"


def asserts(*pairs: tuple[str, int]) -> str:
    lines = [f"assert second_largest({values}) == {expected}" for values, expected in pairs]
    return "```python\n" + "\n".join(lines) + "\n```"


def verdicts(job: Job) -> Execution:
    """Pass the tests that have `+` in the program's note, as `+-+`; fail all others."""
    note = job.program.split("'")[1] if "'" in job.program else "-"
    marks = note.split()[0].ljust(len(job.tests), "-")
    return Execution(
        tuple(
            Outcome(Status.PASSED)
            if mark == "+"
            else Outcome(Status.WRONG_ANSWER, expected="1", actual="2")
            for mark in marks[: len(job.tests)]
        )
    )


def context(model: Model, sandbox: FakeSandbox | None = None, **settings: Any) -> LoopContext:
    settings = {"draft": {"n": 2, "first": "sampled"}, "tests": {"n": 0}, **settings}
    config = RunConfig.model_validate(settings)
    return LoopContext(
        model=model,
        sandbox=sandbox or FakeSandbox(verdicts),
        config=config,
        meter=BudgetMeter(config.budget),
    )


async def test_a_draft_that_passes_ends_the_loop(problem: Problem) -> None:
    model = ScriptedModel([fenced("+-"), fenced("++")])
    trace = await run_graph(problem, context(model))
    assert trace.stopped == "passed"
    assert trace.choice.candidate == 1
    assert len(model.asked) == 1


class Recorder(ScriptedModel):
    """A scripted model that also records the temperature and the number of answers asked for."""

    def __init__(self, answers: list[str]):
        super().__init__(answers)
        self.how: list[tuple[float, int]] = []

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        self.how.append((sampling.temperature, n))
        return await super().complete(messages, n, sampling)


async def test_the_first_draft_is_greedy_and_takes_a_request_of_its_own(problem: Problem) -> None:
    model = Recorder([fenced("-- a"), fenced("-- b"), fenced("++ c")])
    trace = await run_graph(problem, context(model, draft={"n": 3, "first": "greedy"}))
    assert model.how == [(0.0, 1), (0.8, 2)]
    assert model.asked[0] == model.asked[1]
    assert all(
        candidate.source.endswith(f"return '{note}'\n")
        for candidate, note in zip(trace.candidates, ("-- a", "-- b", "++ c"), strict=True)
    )
    assert [(call.first, call.sampling.seed) for call in trace.calls] == [(0, 0), (0, 1)]
    assert (trace.greedy_drafts, trace.choice.candidate) == (1, 2)


@pytest.mark.parametrize(
    ("draft", "how", "greedy"),
    [
        ({"n": 1, "first": "greedy"}, [(0.0, 1)], 1),
        ({"n": 2, "first": "sampled"}, [(0.8, 2)], 0),
        ({"n": 1, "first": "greedy", "temperature": 0}, [(0.0, 1)], 1),
    ],
)
async def test_requests_for_drafts(
    draft: dict[str, Any], how: list[tuple[float, int]], greedy: int, problem: Problem
) -> None:
    model = Recorder([fenced("++")] * 3)
    trace = await run_graph(problem, context(model, draft=draft, rounds=0))
    assert model.how == how
    assert (len(trace.candidates), trace.greedy_drafts) == (draft["n"], greedy)


async def test_drafts_one_at_a_time_begin_with_the_greedy_one(
    problem: Problem, tmp_path: Path
) -> None:
    """The answers after it belong to one request: the store gives the earlier ones again."""
    inner = Recorder([fenced("-- a"), fenced("-- b"), fenced("-- c"), fenced("++ d")])
    with closing(Store(tmp_path / "s.sqlite")) as store:
        model = StoredModel(inner, [store])
        draft = {"n": 5, "first": "greedy", "stop_on_pass": True}
        trace = await run_graph(problem, context(model, draft=draft, rounds=0))
    assert inner.how == [(0.0, 1), (0.8, 1), (0.8, 1), (0.8, 1)]
    assert [call.first for call in trace.calls] == [0, 0, 1, 2]
    assert [c.id for c in trace.candidates] == [0, 1, 2, 3]


class Seeded(ScriptedModel):
    """A model whose answer depends on its seed alone, as the embedded one's."""

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        return [Completion(text=fenced(f"-- {sampling.seed + i}")) for i in range(n)]


async def test_a_greedy_draft_changes_no_other_draft(problem: Problem, tmp_path: Path) -> None:
    """Also if both runs share a store, and further drafts are drawn."""
    sources: list[list[str]] = []
    with closing(Store(tmp_path / "s.sqlite")) as store:
        for first in ("sampled", "greedy", "sampled"):
            settings: dict[str, Any] = {"draft": {"n": 3, "first": first}, "seed": 5, "rounds": 2}
            settings["repair"] = {"strategy": "resample"}
            trace = await run_graph(problem, context(StoredModel(Seeded([]), [store]), **settings))
            sources.append([candidate.source for candidate in trace.candidates])
    assert sources[0] == sources[1] == sources[2]
    assert [source.split("'")[1] for source in sources[0]] == [f"-- {i}" for i in range(5, 10)]


async def test_a_fresh_draw_follows_the_sampled_drafts(problem: Problem, tmp_path: Path) -> None:
    inner = Recorder([fenced("-- a"), fenced("-- b"), fenced("-- c"), fenced("++ d")])
    with closing(Store(tmp_path / "s.sqlite")) as store:
        settings: dict[str, Any] = {"draft": {"n": 3, "first": "greedy"}}
        settings["repair"] = {"strategy": "resample"}
        trace = await run_graph(problem, context(StoredModel(inner, [store]), **settings))
    assert inner.how == [(0.0, 1), (0.8, 2), (0.8, 1)]
    assert trace.calls[-1].first == 2
    assert trace.candidates[-1].source.endswith("return '++ d'\n")


async def test_failures_go_back_until_a_program_passes(problem: Problem) -> None:
    model = ScriptedModel([fenced("--"), fenced("+- a"), fenced("+- b"), fenced("++ c")])
    trace = await run_graph(problem, context(model, draft={"n": 1}))
    assert [c.parent for c in trace.candidates] == [None, 0, 1, 2]
    assert [c.round for c in trace.candidates] == [0, 1, 2, 3]
    assert (trace.stopped, trace.choice.candidate) == ("passed", 3)


async def test_a_repair_is_told_what_failed_and_what_passed(problem: Problem) -> None:
    model = ScriptedModel([fenced("+-"), fenced("++")])
    await run_graph(problem, context(model, draft={"n": 1}))
    told = model.asked[1][0].content
    assert program("+-") in told
    assert "assert second_largest([5, 9]) == 5\n# expected 1, got 2" in told
    assert "must go on passing:\nassert second_largest([3, 1, 2]) == 2" in told


async def test_rounds_are_limited_and_all_candidates_stay_in_the_pool(problem: Problem) -> None:
    model = ScriptedModel([fenced("+- best"), fenced("+- other"), fenced("+- last")])
    trace = await run_graph(problem, context(model, draft={"n": 1}, rounds=2))
    assert trace.stopped == "rounds"
    assert len(trace.candidates) == 3
    assert trace.choice.candidate == 0


@pytest.mark.parametrize("tied", [True, False])
async def test_inputs_are_made_only_for_a_tie(
    problem: Problem, monkeypatch: pytest.MonkeyPatch, tied: bool
) -> None:
    made: list[str] = []

    def make(_: object, name: str, *rest: object) -> tuple[str, ...]:
        made.append(name)
        return (f"{name}([4, 4, 8])",)

    monkeypatch.setattr("agent.loop.steps.mutate_inputs", make)
    model = ScriptedModel([fenced("++ a"), fenced("++ b" if tied else "+- b")])
    trace = await run_graph(problem, context(model, rounds=0, selector="docstring+agreement"))
    assert made == ["second_largest"] * tied
    assert trace.inputs == ("second_largest([4, 4, 8])",) * tied


@pytest.mark.parametrize("number", [0, 3])
async def test_a_trace_has_the_edge_inputs_that_candidates_were_compared_on(
    problem: Problem, number: int
) -> None:
    model = ScriptedModel([fenced("++ a"), fenced("++ b")])
    inputs = {"mutations": 0, "edges": number}
    asked = context(model, rounds=0, inputs=inputs, selector="docstring+edges")
    trace = await run_graph(problem, asked)
    assert trace.inputs == edge_inputs(problem, number)
    assert len(trace.inputs) == number
    assert any(probe.tests == trace.inputs for probe in trace.probes) is bool(number)


async def test_no_rounds_is_a_plain_draw(problem: Problem) -> None:
    trace = await run_graph(problem, context(ScriptedModel([fenced("--"), fenced("+-")]), rounds=0))
    assert (trace.stopped, trace.choice.candidate) == ("rounds", 1)


async def test_the_most_promising_program_is_repaired_first(problem: Problem) -> None:
    model = ScriptedModel([fenced("--"), fenced("+-"), fenced("++")])
    trace = await run_graph(problem, context(model))
    assert trace.candidates[2].parent == 1


async def test_a_round_repairs_as_many_as_it_is_wide(problem: Problem) -> None:
    model = ScriptedModel([fenced("--"), fenced("+-"), fenced("-- x"), fenced("++ y")])
    trace = await run_graph(problem, context(model, repair={"width": 2}))
    assert [c.parent for c in trace.candidates] == [None, None, 1, 0]
    assert [call.candidate for call in trace.calls if call.round == 1] == [2, 3]


async def test_the_same_program_again_is_not_repaired_again(problem: Problem) -> None:
    same = "```python\ndef second_largest(values):\n    return 0\n```"
    respaced = "```python\ndef second_largest( values ):\n\n    return 0\n```"
    model = ScriptedModel([same, respaced])
    trace = await run_graph(problem, context(model, FakeSandbox(failing), draft={"n": 1}))
    assert trace.stopped == "nothing to repair"
    assert len(model.asked) == 2


def failing(job: Job) -> Execution:
    return Execution(tuple(Outcome(Status.WRONG_ANSWER) for _ in job.tests))


async def test_the_same_program_is_run_once(problem: Problem) -> None:
    sandbox = FakeSandbox(verdicts)
    trace = await run_graph(problem, context(ScriptedModel([fenced("++")] * 2), sandbox))
    assert len(sandbox.jobs) == 1
    assert trace.executions == 1
    assert [row.candidate for row in trace.rows] == [0, 1]


async def test_the_model_writes_tests_beside_the_docstrings(problem: Problem) -> None:
    drafts, tests = [fenced("++-")], asserts(("[1, 2]", 1), ("[3, 1, 2]", 2), ("[1, 2]", 1))
    answers = {"Complete it.": drafts, "Write 8": [tests]}
    trace = await run_graph(problem, context(ByPurpose(answers), draft={"n": 1}, tests={"n": 1}))
    origins = [(test.origin, test.count) for test in trace.tests]
    assert origins == [("docstring", 1), ("docstring", 1), ("generated", 2)]
    assert trace.stopped == "passed"


async def test_the_docstrings_examples_can_be_left_out(problem: Problem) -> None:
    answers = {"Complete it.": [fenced("+")], "Write 8": [asserts(("[1, 2]", 1))]}
    tests = {"n": 1, "docstring": False}
    trace = await run_graph(problem, context(ByPurpose(answers), draft={"n": 1}, tests=tests))
    assert [test.origin for test in trace.tests] == ["generated"]
    assert trace.stopped == "passed"


async def test_what_is_told_has_its_level(problem: Problem, tmp_path: Path) -> None:
    model = ScriptedModel([fenced("+-"), fenced("++")])
    await run_graph(problem, context(model, draft={"n": 1}, repair={"feedback": "verdict"}))
    told = model.asked[1][0].content
    assert program("+-") in told
    assert "expected 1" not in told
    assert "must go on passing" not in told


async def test_a_test_that_a_do_nothing_program_passes_is_left_out(problem: Problem) -> None:
    def decide(job: Job) -> Execution:
        idle = job.program.startswith("def second_largest(*")
        marks = ["is None" in test for test in job.tests] if idle else [True] * len(job.tests)
        return Execution(tuple(Outcome(STATUSES[mark]) for mark in marks))

    written = "assert second_largest([1, 2]) == 1\nassert second_largest([]) is None"
    model = ByPurpose({"Complete it.": [fenced("x")], "Write 8": [written]})
    trace = await run_graph(
        problem, context(model, FakeSandbox(decide), draft={"n": 1}, tests={"n": 1})
    )
    assert [test.source for test in trace.tests][EXAMPLES:] == [
        "assert second_largest([1, 2]) == 1"
    ]
    assert [probe.tests for probe in trace.probes] == [tuple(written.splitlines())] * 2
    assert trace.executions == 3


STATUSES = {True: Status.PASSED, False: Status.WRONG_ANSWER}


async def test_drafts_are_drawn_until_one_passes(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced("--"), fenced("+-"), fenced("++"), fenced("++ later")]
    with closing(Store(tmp_path / "s.sqlite")) as store:
        model = StoredModel(ScriptedModel(answers), [store])
        draft = {"n": 4, "first": "sampled", "stop_on_pass": True}
        trace = await run_graph(problem, context(model, draft=draft))
        assert (len(trace.candidates), trace.stopped) == (3, "passed")
        assert [(call.first, len(call.completions)) for call in trace.calls] == [
            (0, 1),
            (1, 1),
            (2, 1),
        ]
        assert (model.asked, model.reused) == (3, 0)
        # A run that draws all at once finds the same three, and asks only for the fourth.
        whole = await run_graph(problem, context(model, draft={"n": 4, "first": "sampled"}))
        assert whole.candidates[:3] == trace.candidates
        assert (model.asked, model.reused) == (4, 0)


async def test_only_when_all_drafts_are_drawn_is_one_repaired(
    problem: Problem, tmp_path: Path
) -> None:
    answers = [fenced("--"), fenced("+- a"), fenced("++ repaired")]
    with closing(Store(tmp_path / "s.sqlite")) as store:
        model = StoredModel(ScriptedModel(answers), [store])
        trace = await run_graph(problem, context(model, draft={"n": 2, "stop_on_pass": True}))
    assert [c.origin for c in trace.candidates] == ["draft", "draft", "error_feedback"]
    assert trace.candidates[2].parent == 1


async def test_without_tests_one_draft_is_drawn(tmp_path: Path) -> None:
    bare = Problem(task_id="Own/1", prompt="def f(x):\n", entry_point="f")
    with closing(Store(tmp_path / "s.sqlite")) as store:
        model = StoredModel(ScriptedModel(["    return x"] * 3), [store])
        trace = await run_graph(bare, context(model, draft={"n": 3, "stop_on_pass": True}))
    assert (len(trace.candidates), trace.stopped) == (1, "no visible test")


async def test_a_suspect_example_does_not_keep_the_loop_going(problem: Problem) -> None:
    def decide(job: Job) -> Execution:
        wrong = Outcome(Status.WRONG_ANSWER, expected="5", actual="6", value="6")
        return Execution((Outcome(Status.PASSED), wrong)[: len(job.tests)])

    model = ScriptedModel([fenced(note) for note in "abcd"])
    trace = await run_graph(problem, context(model, FakeSandbox(decide), draft={"n": 3}))
    assert (trace.stopped, trace.rounds) == ("suspect", 1)
    (suspect,) = trace.suspects
    assert (suspect.test, suspect.value, suspect.agreed, suspect.asked) == (1, "6", 4, 4)


async def test_a_suspect_example_does_not_end_the_drafting(
    problem: Problem, tmp_path: Path
) -> None:
    def decide(job: Job) -> Execution:
        right = "'e'" in job.program
        wrong = Outcome(Status.WRONG_ANSWER, expected="5", actual="6", value="6")
        second = Outcome(Status.PASSED) if right else wrong
        return Execution((Outcome(Status.PASSED), second)[: len(job.tests)])

    with closing(Store(tmp_path / "s.sqlite")) as store:
        model = StoredModel(ScriptedModel([fenced(note) for note in "abcde"]), [store])
        trace = await run_graph(
            problem, context(model, FakeSandbox(decide), draft={"n": 9, "stop_on_pass": True})
        )
    assert (trace.stopped, trace.choice.candidate) == ("passed", 4)


async def test_a_selector_that_asks_the_model_is_traced(problem: Problem) -> None:
    def decide(job: Job) -> Execution:
        mark = job.program.split("'")[1]
        told = Outcome(Status.PASSED, actual=repr(mark), value=repr(mark))
        return Execution((told,) * len(job.tests))

    answers = {
        "Complete it.": [fenced("a"), fenced("b")],
        "Write 5": ["second_largest([4, 4])"],
        "Reply with one letter": ["B", "A"],
    }
    trace = await run_graph(
        problem, context(ByPurpose(answers), FakeSandbox(decide), selector="sstar")
    )
    assert trace.choice.candidate == 1
    assert [call.purpose for call in trace.calls] == ["draft", "select", "select", "select"]
    assert any(probe.tests == ("second_largest([4, 4])",) for probe in trace.probes)


async def test_stop_all_waits_for_generated_tests_too(problem: Problem) -> None:
    answers = {
        "Complete it.": [fenced("++-")],
        "Write 8": [asserts(("[1, 2]", 1))],
        "Fix it": [fenced("+++")],
    }
    model = ByPurpose(answers)
    trace = await run_graph(problem, context(model, draft={"n": 1}, tests={"n": 1}, stop="all"))
    assert (trace.stopped, trace.rounds) == ("passed", 1)
    assert trace.choice.candidate == 1


async def test_without_any_visible_test_there_is_nothing_to_loop_on() -> None:
    bare = Problem(task_id="Own/1", prompt="def f(x):\n", entry_point="f")
    sandbox = FakeSandbox()
    trace = await run_graph(bare, context(ScriptedModel(["    return x", "    return 1"]), sandbox))
    assert (trace.stopped, trace.choice.candidate) == ("no visible test", 0)
    assert sandbox.jobs == []


async def test_an_unusable_answer_is_a_wrong_program_and_no_error(problem: Problem) -> None:
    answers = ["I cannot do that.", "", "<think>hm", "\x00"]
    for first in (0, 2):
        drafts = ScriptedModel(answers[first : first + 2])
        settings: dict[str, Any] = {"draft": {"n": 2}, "rounds": 0}
        trace = await run_graph(problem, context(drafts, FakeSandbox(failing), **settings))
        assert len(trace.candidates) == 2
    repairs = ScriptedModel([fenced("--"), *answers])
    settings = {"draft": {"n": 1}, "rounds": 4}
    trace = await run_graph(problem, context(repairs, FakeSandbox(failing), **settings))
    assert (len(trace.candidates), trace.stopped) == (1, "nothing to repair")


def test_the_readme_shows_the_graph_that_runs() -> None:
    drawn = build_graph().get_graph().draw_mermaid().strip()
    assert drawn in (ROOT / "README.md").read_text()


def test_the_page_holds_the_flow() -> None:
    """The file stays at most two pages long, so that a reader sees the whole flow at once."""
    text = Path(build_graph.__wrapped__.__code__.co_filename).read_text()
    assert sum(bool(line.strip()) for line in text.splitlines()) <= 150


class ByPurpose:
    """A model whose answers depend on the words of the prompt, not on the order of requests."""

    identity = "by-purpose"

    def __init__(self, answers: dict[str, list[str]]):
        self._models = {words: ScriptedModel(texts) for words, texts in answers.items()}

    async def complete(self, messages: Any, n: int, sampling: Any) -> Any:
        (words,) = [words for words in self._models if words in messages[-1].content]
        return await self._models[words].complete(messages, n, sampling)


@pytest.mark.parametrize("rounds", [0, 1, 5])
async def test_the_recursion_limit_fits_the_rounds(problem: Problem, rounds: int) -> None:
    answers = [fenced(f"-- {i}") for i in range(rounds + 1)]
    trace = await run_graph(problem, context(ScriptedModel(answers), draft={"n": 1}, rounds=rounds))
    assert len(trace.candidates) == rounds + 1


async def test_the_recursion_limit_fits_the_drafts(problem: Problem, tmp_path: Path) -> None:
    answers = [fenced(f"-- {i}") for i in range(41)]
    with closing(Store(tmp_path / "s.sqlite")) as store:
        model = StoredModel(ScriptedModel(answers), [store])
        draft = {"n": 40, "stop_on_pass": True}
        trace = await run_graph(problem, context(model, draft=draft, rounds=1))
    assert (len(trace.candidates), trace.stopped) == (41, "rounds")
