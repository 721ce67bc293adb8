"""Computation of a run's figures from its traces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import Literal, NamedTuple

from agent.errors import RunFolderError
from agent.evaluation.stats import mcnemar_exact, paired_bootstrap, pass_at_k, wilson
from agent.models.recorded import SAMPLES
from agent.report.summary import Difference, PatchFigures, Rate, Report, Unscored, ViewFigures
from agent.types import Call, Score, Trace, Unjudged, Usage


class _Verdict(NamedTuple):
    """The hidden-test results of one problem: first draft, answer, any candidate."""

    first: bool
    final: bool
    any: bool
    expected: float
    """Share of right programs among the candidates tied for the answer."""
    round: int
    """Round in which the answer was written."""


def build_report(
    traces: Sequence[Trace],
    *,
    dataset: str,
    model: str,
    sandbox: str,
    starts: Sequence[float],
    asked: int = 0,
    spent: Usage | None = None,
    unscored: Sequence[Unscored],
    dataset_problems: int = 0,
    part: str = "",
) -> Report:
    """Return the figures of a run. `traces` are the scored problems.

    Rates are over those whose single shot and answer are judged, so that they can be compared.
    `dataset_problems` is the number of problems of the dataset, in the run or not; 0 if unknown.
    `part` says how the run's problems were chosen from them.
    `starts` has the wall time of each start in seconds. `asked` is the number of answers that came
    from the model, not from a store, and `spent` has their tokens. Without traces the intervals
    have their full width and p is 1.

    Raises RunFolderError if a trace has no score, or a score that does not fit its candidates.
    """
    checks = [_score(trace).check for trace in traces]
    verdicts = [_verdict(trace) for trace in traces if trace.is_judged]
    calls = [call for trace in traces for call in trace.calls]
    completions = [completion for call in calls for completion in call.completions]
    return Report(
        dataset=dataset,
        model=model,
        sandbox=sandbox,
        single_shot=_rate([verdict.first for verdict in verdicts]),
        first_draft=_first_draft(traces, model),
        sampled=_sampled([trace for trace in traces if _score(trace).judges()]),
        final=_rate([verdict.final for verdict in verdicts]),
        oracle=_rate([verdict.any for verdict in verdicts]),
        difference=paired([v.first for v in verdicts], [v.final for v in verdicts]),
        views=_views([trace for trace in traces if trace.is_judged]),
        expected=fmean([verdict.expected for verdict in verdicts] or [0.0]),
        patches=_patches(traces),
        solved_by_round=_solved_by_round(traces, verdicts),
        drafts=sum(c.origin == "draft" for trace in traces for c in trace.candidates),
        usage=sum((call.usage for call in calls), Usage()),
        calls=answered(calls),
        refused=sum(not call.completions for call in calls),
        completions=len(completions),
        without_text=dict(sorted(Counter(c.no_text for c in completions if c.no_text).items())),
        executions=sum(trace.executions for trace in traces),
        stopped=dict(sorted(Counter(trace.stopped for trace in traces).items())),
        seconds=round(sum(starts), 1),
        starts=tuple(round(seconds, 1) for seconds in starts),
        asked=asked,
        spent=spent or Usage(),
        unscored=tuple(unscored),
        unjudged=tuple(map(_unjudged, filter(_fails_like_reference, traces))),
        unjudged_count_as_failed=any(check.counted for check in checks),
        dataset_problems=dataset_problems,
        part=part,
        isolation=dict(sorted(Counter(check.isolation for check in checks).items())),
        unchecked=sum(not check.has_reference for check in checks),
    )


def answered(calls: Sequence[Call]) -> int:
    """Return the number of requests with answers: all except those refused as too long."""
    return sum(call.requests for call in calls if call.completions)


def paired(first: Sequence[bool], second: Sequence[bool]) -> Difference:
    """Return the paired difference of two results on the same problems: second minus first.

    Without problems the interval is -1 to 1, and p is 1. Raises ValueError for unequal lengths.
    """
    if len(first) != len(second):
        raise ValueError(f"pairs need equal lengths, not {len(first)} and {len(second)}")
    pairs = list(zip(first, second, strict=True))
    gained, lost = pairs.count((False, True)), pairs.count((True, False))
    low, high = paired_bootstrap(first, second) if pairs else (-1.0, 1.0)
    return Difference(
        value=(gained - lost) / max(1, len(pairs)),
        low=low,
        high=high,
        gained=gained,
        lost=lost,
        p=mcnemar_exact(gained, lost),
    )


def _verdict(trace: Trace) -> _Verdict:
    passed, chosen = _score(trace).passed, trace.choice.candidate
    return _Verdict(
        first=passed[0],
        final=passed[chosen],
        any=any(passed),
        expected=trace.choice.expected(passed),
        round=trace.candidates[chosen].round,
    )


def _score(trace: Trace) -> Score:
    """Return the score. Raises RunFolderError if there is none, or it does not fit the pool."""
    task, chosen = trace.problem.task_id, trace.choice.candidate
    if trace.score is None:
        raise RunFolderError(f"{task}: not scored")
    passed = trace.score.passed
    if len(passed) != len(trace.candidates) or not 0 <= chosen < len(passed):
        raise RunFolderError(
            f"{task}: {len(passed)} verdicts on {len(trace.candidates)} candidates, answer {chosen}"
        )
    return trace.score


def _fails_like_reference(trace: Trace) -> bool:
    score = _score(trace)
    return bool(score.check.failure) and not (
        score.passed[0] and score.passed[trace.choice.candidate]
    )


def _unjudged(trace: Trace) -> Unjudged:
    return Unjudged(task_id=trace.problem.task_id, reason=_score(trace).check.failure)


def _first_draft(traces: Sequence[Trace], model: str) -> Literal["greedy", "sampled", "recorded"]:
    if not (traces and all(trace.greedy_drafts for trace in traces)):
        return "sampled"
    return "recorded" if model.startswith(SAMPLES) else "greedy"


def _sampled(traces: Sequence[Trace]) -> dict[int, float]:
    """Return pass@k of the sampled drafts, for k up to their number; {} if that varies."""
    drafts = [
        [p for c, p in zip(t.candidates, _score(t).passed, strict=True) if c.origin == "draft"]
        for t in traces
    ]
    sampled = [passed[trace.greedy_drafts :] for trace, passed in zip(traces, drafts, strict=True)]
    numbers = {len(passed) for passed in sampled}
    if len(numbers) != 1:  # drafts that stop at one that passes are no fair sample
        return {}
    (n,) = numbers
    return {k: fmean(pass_at_k(n, sum(p), k) for p in sampled) for k in range(1, n + 1)}


def _views(traces: Sequence[Trace]) -> dict[str, ViewFigures]:
    """Return the main results by each view of the hidden tests; a problem may lack a view."""
    names = dict.fromkeys(name for trace in traces for name in _score(trace).views)
    return {name: _view(traces, name) for name in names}


def _view(traces: Sequence[Trace], name: str) -> ViewFigures:
    passed = [_score(trace).views.get(name, _score(trace).passed) for trace in traces]
    first = [verdicts[0] for verdicts in passed]
    final = [v[trace.choice.candidate] for v, trace in zip(passed, traces, strict=True)]
    return ViewFigures(
        single_shot=_rate(first), final=_rate(final), difference=paired(first, final)
    )


def _patches(traces: Sequence[Trace]) -> PatchFigures | None:
    if not any(trace.screens for trace in traces):
        return None
    judged = [trace for trace in traces if trace.is_judged]
    final = [_score(trace).passed[trace.choice.candidate] for trace in judged]
    before = [_unpatched(trace) for trace in judged]
    chosen = [trace.chosen for trace in judged]
    known = [passed for passed in before if passed is not None]
    complete = len(known) == len(before)
    return PatchFigures(
        answers=sum(c.patch is not None for c in chosen),
        right=sum(c.patch is not None and ok for c, ok in zip(chosen, final, strict=True)),
        weak=sum(candidate.is_weak_patch for candidate in chosen),
        unpatched=_rate(known) if complete else None,
        difference=paired(known, final) if complete else None,
        variants=sum(trace.variants for trace in traces),
        seconds=round(sum(trace.patch_seconds for trace in traces), 1),
    )


def _unpatched(trace: Trace) -> bool | None:
    """Return the verdict on the answer without patches; None if it was not chosen."""
    if trace.unpatched is None and any(c.patch is not None for c in trace.candidates):
        return None
    return _score(trace).passed[(trace.unpatched or trace.choice).candidate]


def _rate(passed: Sequence[bool]) -> Rate:
    low, high = wilson(sum(passed), len(passed))
    return Rate(passed=sum(passed), total=len(passed), low=low, high=high)


def _solved_by_round(traces: Sequence[Trace], verdicts: Sequence[_Verdict]) -> tuple[int, ...]:
    solved = Counter(verdict.round for verdict in verdicts if verdict.final)
    last = max([0, *solved, *(trace.rounds for trace in traces)])
    return tuple(solved[number] for number in range(last + 1))
