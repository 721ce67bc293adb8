"""The analysis of a study's runs, on traces made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agent.config import RunConfig
from agent.errors import RunFolderError
from agent.evaluation.stats import fewest_flips, holm, mcnemar_exact, sign_flip, smallest_detectable
from agent.report.build import build_report
from agent.types import Call, Completion, Message, Sampling, Trace, Usage
from experiments.studies.against_draws import compare_with_draws
from experiments.studies.analysis import ArmRun, analyse, detectable, detectable_text
from experiments.studies.arms import Arm, Study
from experiments.studies.disk_cache import DiskCache
from experiments.studies.results import ArmResult, StudyResult
from sandbox.fake import FakeSandbox
from tests.experiments.small_traces import One, call, trace_of
from tests.experiments.test_equal_budget import PROMPT, Pool, drafts, verdicts


def run(name: str, traces: Sequence[Trace], **settings: Any) -> ArmRun:
    config = RunConfig.model_validate(
        {"selector": "docstring", "rounds": 1, "draft": {"n": 1}, **settings}
    )
    report = build_report(traces, dataset="own", model="m", sandbox="fake", starts=(), unscored=())
    by_task = {trace.problem.task_id: trace for trace in traces}
    arm, folder = Arm(name=name, settings=settings), f"arms/{name}"
    return ArmRun(arm, config, folder, report, by_task, by_task, "arms/draws")


async def study(
    folder: Path, runs: Sequence[ArmRun], bank: Mapping[str, Trace], draws: int = 4
) -> StudyResult:
    made = Study(name="own", draws=draws)
    memo = DiskCache(folder / "memo.json")
    drawn = [replace(run, drafts=bank) for run in runs]
    return await analyse(made, drawn, FakeSandbox(verdicts), memo)


def loop(task: str, *, right: bool, fixed: bool | None = None, tokens: int = 10) -> Trace:
    """Return a draft that fails the visible tests and, if `fixed` is given, an edit that passes."""
    ones = [One(right, visible="--", tokens=tokens)]
    calls = [call(0, PROMPT, tokens)]
    if fixed is not None:
        ones.append(One(fixed, visible="++", parent=0, round=1, tokens=tokens))
        calls.append(call(1, PROMPT, tokens))
    return trace_of(*ones, task=task, answer=len(ones) - 1, calls=calls, request=PROMPT)


def bank(tasks: Sequence[str], pool: Pool, greedy: int = 0) -> dict[str, Trace]:
    made = {}
    for task in tasks:
        trace = drafts(pool, greedy)
        problem = trace.problem.model_copy(update={"task_id": task})
        made[task] = trace.model_copy(update={"problem": problem})
    return made


TASKS = [f"Own/{i}" for i in range(8)]
WRONG: Pool = [("--", False, 10)] * 4
HALF: Pool = [("++", True, 10), ("--", False, 10), ("--", False, 10), ("++", True, 10)]


async def three(folder: Path, pool: Pool = WRONG) -> dict[str, ArmResult]:
    runs = [
        run("none", [loop(task, right=False) for task in TASKS]),
        run("all", [loop(task, right=False, fixed=True) for task in TASKS]),
        run("two", [loop(task, right=False, fixed=i < 2) for i, task in enumerate(TASKS)]),
    ]
    return {arm.name: arm for arm in (await study(folder, runs, bank(TASKS, pool))).arms}


async def test_arms_are_paired_with_the_baseline_and_adjusted_by_holm(tmp_path: Path) -> None:
    arms = await three(tmp_path)
    assert arms["none"].versus is None
    assert arms["none"].holm is None
    ps = mcnemar_exact(8, 0), mcnemar_exact(2, 0)
    for name, p, adjusted in zip(("all", "two"), ps, holm(ps), strict=True):
        versus = arms[name].versus
        assert versus is not None
        assert versus.p == p
        assert arms[name].holm == adjusted
    assert arms["all"].holm == 2 * ps[0]


async def test_differences_to_draws_have_their_sign_and_their_own_p_value(tmp_path: Path) -> None:
    arms = await three(tmp_path)
    found = arms["all"].at_tokens
    assert found is not None
    assert (found.value, found.low, found.high) == (1, 1, 1)
    assert found.p == sign_flip([0.0] * 8, [1.0] * 8)
    two = sign_flip([0.0] * 8, [1.0] * 2 + [0.0] * 6)
    nothing = arms["none"].at_tokens
    assert nothing is not None
    assert (nothing.value, nothing.p, nothing.holm) == (0, 1, 1)
    assert found.holm == holm([1, found.p, two])[1] == 3 * found.p


async def test_equal_samples_are_not_equal_tokens(tmp_path: Path) -> None:
    """An edit that takes as many tokens as three draws is compared with one and with three."""
    dear = [loop(task, right=False, fixed=True, tokens=27) for task in TASKS]
    pool: Pool = [*[("--", False, 10)] * 7, ("++", True, 10)]
    result = await study(tmp_path, [run("dear", dear)], bank(TASKS, pool))
    (arm,) = result.arms
    assert arm.drawn is not None
    # Two programs and 68 tokens; a draw is 17 with its prompt. Each of 8 draws is equally likely
    # to pass: with a limit of 2 the mean number of draws is 1.875, with a limit of 3 it is 2.625.
    assert arm.points[-1].samples == 2
    assert arm.drawn.total == pytest.approx(arm.points[-1].total)
    assert arm.at_samples is not None
    assert arm.at_tokens is not None
    assert arm.at_samples.value == pytest.approx(1 - (5 / 6 * 2 / 8 + 1 / 6 * 3 / 8))
    assert arm.at_tokens.value == pytest.approx(1 - arm.drawn.passed)
    assert arm.at_tokens.value < arm.at_samples.value


async def test_what_all_draws_leave_unspent_is_said(tmp_path: Path) -> None:
    dear = [loop(task, right=False, fixed=True, tokens=500) for task in TASKS]
    result = await study(tmp_path, [run("dear", dear)], bank(TASKS, WRONG))
    assert result.arms[0].beyond == pytest.approx(2 * 507 - 4 * 17)
    assert (await three(tmp_path))["all"].beyond == 0


async def test_a_loop_that_only_draws_and_stops_is_no_better_than_draws(tmp_path: Path) -> None:
    """The null hypothesis: the draws stop by the same tests as the loop."""
    random, traces = Random(3), []
    made: dict[str, Trace] = {}
    for i in range(300):
        chance = random.betavariate(0.5, 1)
        pool = [
            ("++", True, 10) if random.random() < chance else ("--", False, 10) for _ in range(16)
        ]
        ones = [One(pool[0][1], visible=pool[0][0], tokens=10)]
        calls = [call(0, PROMPT, 10)]
        while len(ones) < 5 and not ones[-1].passed:
            marks, right, _ = pool[len(ones)]
            ones.append(One(right, visible=marks, round=len(ones), tokens=10))
            calls.append(call(len(calls), PROMPT, 10))
        task = f"Own/{i}"
        traces.append(trace_of(*ones, task=task, answer=len(ones) - 1, calls=calls, request=PROMPT))
        made |= bank([task], pool)
    result = await study(tmp_path, [run("resample", traces, rounds=4)], made, 16)
    (arm,) = result.arms
    for found in (arm.at_tokens, arm.at_samples):
        assert found is not None
        assert found.value == pytest.approx(0, abs=0.05)
        assert found.low < 0 < found.high


async def test_a_selector_that_asks_the_model_is_not_asked_again(tmp_path: Path) -> None:
    traces = [loop(task, right=False, fixed=True) for task in TASKS]
    result = await study(tmp_path, [run("asks", traces, selector="sstar")], bank(TASKS, HALF))
    (arm,) = result.arms
    assert (arm.at_tokens, arm.at_samples, arm.drawn, arm.draws) == (None, None, None, "")
    assert [point.samples for point in arm.points] == [1, 2]
    assert result.curves == ()


async def test_tokens_that_are_not_known_are_not_compared(tmp_path: Path) -> None:
    traces = [loop(task, right=False, fixed=True, tokens=0) for task in TASKS]
    pool: Pool = [("--", False, 0)] * 4
    result = await study(tmp_path, [run("silent", traces)], bank(TASKS, pool))
    assert result.arms[0].at_tokens is None
    assert result.arms[0].at_samples is not None


async def test_only_problems_that_all_have_scored_count(tmp_path: Path) -> None:
    runs = [
        run("none", [loop(task, right=False) for task in TASKS]),
        run("all", [loop(task, right=False, fixed=True) for task in TASKS[1:]]),
    ]
    result = await study(tmp_path, runs, bank(TASKS[:-1], WRONG))
    assert (result.problems, result.left_out) == (6, 2)
    assert {arm.final.total for arm in result.arms} == {6}
    assert sum(result.categories.values()) == 6
    with pytest.raises(RunFolderError, match="no problem could be scored in every arm"):
        await study(tmp_path, runs, bank(TASKS[:1], WRONG))


async def test_a_single_draw_is_the_mean_of_all_with_its_error_by_problem(tmp_path: Path) -> None:
    runs = [run("none", [loop(task, right=False) for task in TASKS])]
    half, none = bank(TASKS[:4], HALF), bank(TASKS[4:], WRONG)
    result = await study(tmp_path, runs, half | none)
    assert result.single_draw == 0.25
    # Eight clusters of four, each sum off the mean by one, over 32 draws.
    assert result.single_draw_error == pytest.approx(8**0.5 / 32)


async def test_a_greedy_draft_is_not_one_of_the_draws_for_a_single_draw(tmp_path: Path) -> None:
    runs = [run("none", [loop(task, right=False) for task in TASKS])]
    result = await study(tmp_path, runs, bank(TASKS, HALF, greedy=1))
    assert result.single_draw == pytest.approx(1 / 3)


async def test_an_answer_is_new_to_the_first_arm_that_asked_for_it(tmp_path: Path) -> None:
    def asked(text: str, first: int, *tokens: int) -> Call:
        answers = (
            Completion(text="", usage=Usage(prompt_tokens=5, completion_tokens=n)) for n in tokens
        )
        return Call(
            purpose="draft",
            round=0,
            messages=(Message(role="user", content=text),),
            sampling=Sampling(),
            completions=tuple(answers),
            first=first,
        )

    def arm(name: str, *calls: Call) -> ArmRun:
        return run(name, [loop("Own/0", right=False).model_copy(update={"calls": calls})])

    runs = [
        arm("a", asked("x", 0, 10, 20)),
        arm("b", asked("x", 0, 10, 20, 30), asked("y", 0, 7)),
        arm("c", asked("x", 2, 30)),
    ]
    result = await study(tmp_path, runs, bank(["Own/0"], WRONG))
    a, b, c = result.arms
    assert (a.new, a.cost.completions, a.cost.prompt_tokens) == (a.cost, 2, 5)
    assert (b.cost.completions, b.cost.prompt_tokens, b.cost.completion_tokens) == (4, 10, 67)
    assert (b.new.completions, b.new.prompt_tokens, b.new.completion_tokens) == (2, 10, 37)
    assert (c.new.completions, c.new.calls, c.cost.completions) == (0, 0, 1)


async def test_curves_are_told_apart_by_what_differs(tmp_path: Path) -> None:
    traces = [loop(task, right=False) for task in TASKS]
    runs = [
        run("a", traces),
        run("b", traces, rounds=0),
        run("c", traces, tests={"n": 0}),
        run("d", traces, draft={"n": 2}),
    ]
    result = await study(tmp_path, runs, bank(TASKS, WRONG))
    assert [curve.label for curve in result.curves] == [
        *("docstring", "stopping, 1 first, docstring"),
        *("docstring, tests.n=0", "stopping, 1 first, docstring, tests.n=0"),
        "stopping, 2 first, docstring",
    ]
    assert result.arms[0].draws == "stopping, 1 first, docstring"


async def test_the_points_of_curves_are_those_of_draws(tmp_path: Path) -> None:
    traces = [loop(task, right=False) for task in TASKS]
    config = run("a", traces).config
    made = [*bank(TASKS, HALF).values()]
    memo = DiskCache(tmp_path / "memo.json")
    found = await compare_with_draws(config, traces, made, FakeSandbox(verdicts), memo, "")
    alike, stopping = found.curves
    assert [point.samples for point in alike.points] == [1, 2, 3, 4]
    assert [point.passed for point in alike.points] == pytest.approx([1 / 2, 5 / 6, 1, 1])
    assert [point.samples for point in stopping.points] == pytest.approx([1, 1.5, 10 / 6, 10 / 6])


@pytest.mark.parametrize(("problems", "comparisons"), [(164, 7), (50, 3), (8, 1)])
def test_only_what_can_be_found_is_said_to_be(problems: int, comparisons: int) -> None:
    level = 0.05 / comparisons
    for flips, smallest in detectable(problems, comparisons):
        wanted = smallest_detectable(problems, flips, alpha=level)
        possible = wanted < flips and flips * problems >= fewest_flips(level)
        assert smallest == (wanted if possible else None)
    text = detectable_text(problems, comparisons)
    assert text.startswith(f"{problems} problems, {comparisons} comparisons (Holm)")
    assert text.count("none") == sum(
        found is None for _, found in detectable(problems, comparisons)
    )
