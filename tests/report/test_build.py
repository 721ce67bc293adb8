from __future__ import annotations

import pytest

from agent.evaluation.stats import mcnemar_exact, paired_bootstrap, wilson
from agent.report.build import build_report, paired
from agent.report.figures import figures
from agent.report.summary import Report, Unscored
from agent.types import Completion, Score, SelfCheck, Trace, Usage


def built(traces: list[Trace], unscored: tuple[Unscored, ...] = ()) -> Report:
    return build_report(
        traces, dataset="d", model="m", sandbox="s", starts=[2.0], unscored=unscored
    )


def test_rates_of_the_first_draft_the_answer_and_the_pool(report: Report) -> None:
    assert [report.single_shot.passed, report.final.passed, report.oracle.passed] == [2, 2, 4]
    assert {report.single_shot.total, report.final.total, report.oracle.total} == {4}
    assert (report.final.low, report.final.high) == wilson(2, 4)


def test_the_difference_is_paired(report: Report) -> None:
    assert (report.difference.gained, report.difference.lost) == (1, 1)
    assert report.difference.value == 0
    assert report.difference.p == mcnemar_exact(1, 1)
    assert report.difference.low < 0 < report.difference.high


def test_the_difference_is_the_final_rate_minus_the_single_shot_rate(trace: Trace) -> None:
    assert built([trace]).difference.value == 1


def test_any_two_results_can_be_paired() -> None:
    found = paired([True, True, False, False], [True, False, True, True])
    assert (found.gained, found.lost, found.value) == (2, 1, 0.25)
    assert found.p == mcnemar_exact(2, 1)
    assert (found.low, found.high) == paired_bootstrap([1, 1, 0, 0], [1, 0, 1, 1])
    with pytest.raises(ValueError, match="equal lengths, not 0 and 1"):
        paired([], [True])


def test_passing_answers_are_counted_by_the_round_that_wrote_them(report: Report) -> None:
    assert report.solved_by_round == (1, 0, 1)


def greedy(trace: Trace) -> Trace:
    """Return the trace with its first draft at temperature 0, in a request of its own."""
    first, *rest = trace.calls
    alone = first.model_copy(
        update={
            "sampling": first.sampling.model_copy(update={"temperature": 0.0}),
            "completions": first.completions[:1],
        }
    )
    others = first.model_copy(update={"completions": first.completions[1:]})
    return trace.model_copy(update={"calls": (alone, others, *rest)})


def test_the_sampled_drafts_have_their_own_rates(traces: list[Trace]) -> None:
    report = built(list(map(greedy, traces)))
    assert report.first_draft == "greedy"
    # of drafts 1 and 2 of each problem, all pass for one problem of four
    assert report.sampled == {1: 0.25, 2: 0.25}
    lines = {label: value for label, value, _ in figures(report)}
    assert "50.0 % (2 of 4 scored)" in lines["single shot, greedy"]
    assert lines["sampled drafts"] == "pass@1 25.0 %, pass@2 25.0 %"


def test_a_sampled_single_shot_is_one_of_the_sampled_drafts(report: Report) -> None:
    assert (report.first_draft, set(report.sampled)) == ("sampled", {1, 2, 3})
    assert report.sampled[1] == pytest.approx((0 + 1 / 3 + 1 + 0) / 4)
    assert [label for label, _, _ in figures(report)][3:5] == [
        "single shot, sampled",
        "sampled drafts",
    ]


def test_the_first_sample_of_a_file_stands_in_for_a_greedy_answer(traces: list[Trace]) -> None:
    report = build_report(
        list(map(greedy, traces)),
        dataset="d",
        model="samples/0123456789abcdef",
        sandbox="s",
        starts=[2.0],
        unscored=(),
    )
    assert report.first_draft == "recorded"
    assert figures(report)[3].label == "single shot, first recorded sample"


def test_a_run_without_scored_problems_claims_no_greedy_single_shot() -> None:
    assert (built([]).first_draft, built([]).sampled) == ("sampled", {})


def test_drafts_whose_number_varies_have_no_rates_of_their_own(trace: Trace) -> None:
    fewer = trace.candidates[1].model_copy(update={"origin": "resample", "round": 1})
    other = trace.model_copy(update={"candidates": (fewer, *trace.candidates[1:])})
    report = built([trace, other])
    assert report.sampled == {}
    assert "sampled drafts" not in [label for label, _, _ in figures(report)]


def test_of_many_drafts_some_k_are_shown(report: Report) -> None:
    many = {k: k / 200 for k in range(1, 151)}
    lines = figures(report.model_copy(update={"sampled": many}))
    (shown,) = [value for label, value, _ in lines if label == "sampled drafts"]
    named = [int(part.partition("@")[2].split()[0]) for part in shown.split(", ")]
    assert named == [*range(1, 11), 20, 50, 100, 150]


def test_costs_are_summed_over_all_calls(report: Report, trace: Trace) -> None:
    assert report.usage == Usage(prompt_tokens=4 * 230, completion_tokens=4 * 87)
    assert (report.calls, report.completions) == (4 * 3, 4 * 4)
    assert report.executions == 4 * trace.executions


def test_a_prompt_counts_once_for_each_request_that_a_call_took(trace: Trace) -> None:
    call = trace.calls[0]
    answers = [
        Completion(text="a", usage=Usage(prompt_tokens=7, completion_tokens=2), request=request)
        for request in (0, 0, 2, None)
    ]
    alone = call.model_copy(update={"completions": tuple(answers)})
    report = built([trace.model_copy(update={"calls": (alone,)})])
    assert report.usage == Usage(prompt_tokens=21, completion_tokens=8)
    assert (report.calls, report.completions) == (3, 4)


def test_answers_without_text_are_counted_by_reason(trace: Trace) -> None:
    reasons = ("filtered", "", "cut while thinking", "filtered")
    answers = tuple(Completion(text="", missing=reason) for reason in reasons)
    call = trace.calls[0].model_copy(update={"completions": answers})
    report = built([trace.model_copy(update={"calls": (call,)})])
    assert list(report.without_text.items()) == [("cut while thinking", 1), ("filtered", 2)]
    shown = {figure.label: figure.value for figure in figures(report)}
    assert shown["answers without text"] == "3 of 4: cut while thinking: 1, filtered: 2"
    assert "answers without text" not in {figure.label for figure in figures(built([trace]))}


def test_reasons_for_stopping_are_counted_in_a_fixed_order(trace: Trace) -> None:
    tired = trace.model_copy(update={"stopped": "rounds"})
    assert list(built([tired, trace, tired]).stopped.items()) == [("passed", 1), ("rounds", 2)]


def test_without_a_scored_problem_the_intervals_cover_everything() -> None:
    failed = (Unscored(task_id="Words/1", error="no engine"),)
    report = built([], failed)
    assert report.unscored == failed
    assert (report.final.total, report.final.value) == (0, 0)
    assert (report.final.low, report.final.high) == (0, 1)
    assert (report.difference.low, report.difference.high, report.difference.p) == (-1, 1, 1)
    assert report.solved_by_round == (0,)


def test_a_report_read_from_its_json_is_equal(torn_report: Report) -> None:
    assert Report.model_validate_json(torn_report.model_dump_json()) == torn_report


def test_a_trace_without_a_fitting_score_is_refused(trace: Trace) -> None:
    with pytest.raises(ValueError, match="Words/7: not scored"):
        built([trace.model_copy(update={"score": None})])
    short = Score(passed=(True,), outcomes=("passed",))
    with pytest.raises(ValueError, match="1 verdicts on 5 candidates"):
        built([trace.model_copy(update={"score": short})])


def test_an_unjudged_problem_is_in_no_rate(unjudged_report: Report) -> None:
    report = unjudged_report
    # Words/9 passes although its reference solution fails: it is judged.
    assert [item.task_id for item in report.unjudged] == ["Words/8", "Words/10"]
    totals = [report.single_shot.total, report.final.total, report.oracle.total]
    assert (totals, report.final.passed) == ([2, 2, 2], 2)
    assert (report.difference.gained, report.difference.lost) == (1, 0)
    assert report.expected == 1.0
    assert (report.scored, report.problems, report.dataset_problems) == (4, 4, 9)
    assert (report.isolation, report.unchecked) == ({"shared": 1, "split": 3}, 0)
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_unjudged_problems_may_count_as_failed(traces: list[Trace]) -> None:
    check = SelfCheck(has_reference=True, failure="wrong answer", counted=True)
    counted = [
        trace.model_copy(update={"score": trace.score.model_copy(update={"check": check})})
        for trace in traces
        if trace.score is not None
    ]
    report = built(counted)
    assert (report.final.passed, report.final.total) == (2, 4)
    assert (len(report.unjudged), report.unjudged_count_as_failed) == (3, True)
    assert (report.scored, report.problems) == (4, 4)


def test_parts_of_the_hidden_tests_have_rates_of_their_own(trace: Trace) -> None:
    def by_parts(passed: tuple[bool, ...], base: tuple[bool, ...] | None) -> Trace:
        score = Score(
            passed=passed,
            outcomes=("passed",) * len(passed),
            views={} if base is None else {"base": base},
        )
        return trace.model_copy(update={"score": score})

    number, chosen = len(trace.candidates), trace.choice.candidate
    final = tuple(i == chosen for i in range(number))
    report = built(
        [
            by_parts((False,) * number, final),
            by_parts(final, (True,) * number),
            by_parts(final, None),  # a problem without added tests, or all of whose tests are shown
        ]
    )
    base = report.views["base"]
    assert (base.single_shot.passed, base.final.passed, base.final.total) == (1, 3, 3)
    assert (report.single_shot.passed, report.final.passed) == (0, 2)
    assert (base.difference.gained, base.difference.lost) == (2, 0)
    (line,) = (f.value for f in figures(report) if f.label == "by the base tests alone")
    assert line.startswith("single shot 33.3 %, final 100.0 % (3 of 3 scored)")
    assert line.endswith("+66.7 points, p = 0.5")


def test_a_report_of_a_former_version_is_read(report: Report) -> None:
    new = {"unjudged", "unjudged_count_as_failed", "dataset_problems", "isolation", "unchecked"}
    former = Report.model_validate(report.model_dump(exclude=new))
    assert (former.unjudged, former.isolation, former.problems) == ((), {}, 4)
