"""From traces to figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from agent.errors import RunFolderError
from agent.evaluation.stats import mcnemar_exact, paired_bootstrap, wilson
from agent.types import Difference, Rate, Report, Trace, Unscored, Usage


class _Verdict(NamedTuple):
    first: bool
    final: bool
    any: bool
    expected: float
    """Share of the candidates tied for the answer that are right."""
    round: int
    """Which round wrote the final answer."""


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
) -> Report:
    """Sum up a run. `traces` are the scored problems, and the rates are over these alone.

    Without any, the intervals are as wide as can be and p is 1: nothing is known.

    Raises ValueError for a trace without a score, or with a score that does not fit its pool.
    """
    verdicts = [_verdict(trace) for trace in traces]
    calls = [call for trace in traces for call in trace.calls]
    completions = [completion for call in calls for completion in call.completions]
    return Report(
        dataset=dataset,
        model=model,
        sandbox=sandbox,
        single_shot=_rate([verdict.first for verdict in verdicts]),
        final=_rate([verdict.final for verdict in verdicts]),
        oracle=_rate([verdict.any for verdict in verdicts]),
        difference=paired([v.first for v in verdicts], [v.final for v in verdicts]),
        expected=fmean([verdict.expected for verdict in verdicts] or [0.0]),
        solved_by_round=_solved_by_round(traces, verdicts),
        drafts=sum(c.round == 0 for trace in traces for c in trace.candidates),
        usage=sum((call.usage for call in calls), Usage()),
        calls=len(calls),
        completions=len(completions),
        executions=sum(trace.executions for trace in traces),
        stopped=dict(sorted(Counter(trace.stopped for trace in traces).items())),
        seconds=round(sum(starts), 1),
        starts=tuple(round(seconds, 1) for seconds in starts),
        asked=asked,
        spent=spent or Usage(),
        unscored=tuple(unscored),
    )


def paired(first: Sequence[bool], second: Sequence[bool]) -> Difference:
    """Two results on the same problems: the second less the first.

    Without a problem the interval is as wide as can be and p is 1.

    Raises ValueError for unequal lengths.
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
    task, chosen = trace.problem.task_id, trace.choice.candidate
    if trace.score is None:
        raise RunFolderError(f"{task}: not scored")
    passed = trace.score.passed
    if len(passed) != len(trace.candidates) or not 0 <= chosen < len(passed):
        raise RunFolderError(
            f"{task}: {len(passed)} verdicts on {len(trace.candidates)} candidates, answer {chosen}"
        )
    return _Verdict(
        first=passed[0],
        final=passed[chosen],
        any=any(passed),
        expected=trace.choice.expected(passed),
        round=trace.candidates[chosen].round,
    )


def _rate(passed: Sequence[bool]) -> Rate:
    low, high = wilson(sum(passed), len(passed))
    return Rate(passed=sum(passed), total=len(passed), low=low, high=high)


def _solved_by_round(traces: Sequence[Trace], verdicts: Sequence[_Verdict]) -> tuple[int, ...]:
    solved = Counter(verdict.round for verdict in verdicts if verdict.final)
    last = max([0, *solved, *(trace.rounds for trace in traces)])
    return tuple(solved[number] for number in range(last + 1))
