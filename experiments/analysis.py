"""From the finished runs of a study to what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from agent.config import RunConfig
from agent.models.store import Request
from agent.report.build import paired
from agent.select import asks_model
from agent.stats import (
    clustered_standard_error,
    fewest_flips,
    holm,
    paired_bootstrap,
    smallest_detectable,
)
from agent.tasks import all_or_first_error
from agent.types import Call, Difference, Report, Trace, Usage, usage_of
from experiments.arms import Arm, Study, changes
from experiments.categories import category_of
from experiments.draws import draws_of, verdicts_of
from experiments.equal_budget import Problem, mean_point
from experiments.ledger import ledger
from experiments.losses import losses
from experiments.memo import Memo
from experiments.study import ArmResult, Cost, DrawCurve, Interval, LossCount, Point, StudyResult
from sandbox.base import Sandbox

FLIPS = (0.05, 0.1, 0.2)
"""Shares of problems whose verdict changes, for which the smallest difference is told."""


@dataclass(frozen=True)
class ArmRun:
    """An arm and what its run left behind."""

    arm: Arm
    config: RunConfig
    folder: str
    report: Report
    traces: Mapping[str, Trace]
    """Scored ones, by task."""


@dataclass(frozen=True)
class Compared:
    """An arm beside draws at its cost."""

    points: tuple[Point, ...]
    at_tokens: Interval | None = None
    at_samples: Interval | None = None
    beyond: int = 0
    curve: DrawCurve | None = None


async def analyse(
    study: Study,
    runs: Sequence[ArmRun],
    drafts: Mapping[str, Trace],
    sandbox: Sandbox,
    memo: Memo,
) -> StudyResult:
    """What a study found. `drafts` are the traces that independent draws are taken from.

    Problems that an arm, or the drafts, left unscored are missing from its comparisons.
    """
    baseline, *others = runs
    differences = {run.arm.name: _versus(baseline, run) for run in others}
    adjusted = dict(zip(differences, holm([d.p for d in differences.values()]), strict=True))
    compared = {
        run.arm.name: await compare_with_draws(run, drafts, len(runs), sandbox, memo)
        for run in runs
    }
    seen: set[tuple[str, int]] = set()
    arms = []
    for run in runs:
        found, name = compared[run.arm.name], run.arm.name
        calls = [call for trace in run.traces.values() for call in trace.calls]
        traces = list(run.traces.values())
        arms.append(
            ArmResult(
                name=name,
                settings=changes(run.arm.settings),
                folder=run.folder,
                single_shot=run.report.single_shot,
                final=run.report.final,
                expected=run.report.expected,
                oracle=run.report.oracle,
                unscored=len(run.report.unscored),
                versus=differences.get(name),
                holm=adjusted.get(name),
                at_tokens=found.at_tokens,
                at_samples=found.at_samples,
                beyond=found.beyond,
                draws=found.curve.label if found.curve else "",
                points=found.points,
                cost=_cost([(call, call.usage, len(call.completions)) for call in calls]),
                new=_cost(_new(calls, seen)),
                executions=run.report.executions,
                ledger=ledger(traces, {task: draws_of(trace) for task, trace in drafts.items()}),
                losses=_losses(traces),
            )
        )
    curves = {found.curve.label: found.curve for found in compared.values() if found.curve}
    single = [verdicts_of(trace) for trace in drafts.values()]
    return StudyResult(
        name=study.name,
        dataset=baseline.report.dataset,
        model=baseline.report.model,
        problems=len(baseline.traces),
        baseline=baseline.arm.name,
        drawn=study.draws,
        single_draw=fmean(fmean(verdicts) for verdicts in single),
        single_draw_error=clustered_standard_error(single) if len(single) > 1 else 0.0,
        detectable=detectable(len(baseline.traces)),
        fewest_flips=fewest_flips(),
        categories=dict(
            sorted(Counter(category_of(t.problem) for t in baseline.traces.values()).items())
        ),
        arms=tuple(arms),
        curves=tuple(curves.values()),
    )


def detectable(problems: int) -> tuple[tuple[float, float], ...]:
    """For some shares of problems that change: the smallest difference found with 80 % power."""
    return tuple((flips, smallest_detectable(problems, flips)) for flips in FLIPS)


def detectable_text(problems: int) -> str:
    """What a study of so many problems can find, in a line that is said before it runs."""
    found = (
        f"{100 * smallest:.1f} points where {100 * flips:.0f} % change"
        for flips, smallest in detectable(problems)
    )
    return (
        f"{problems} problems: a difference is found with 80 % power from {', '.join(found)}; "
        f"with fewer than {fewest_flips()} that change, none is significant"
    )


async def compare_with_draws(
    run: ArmRun, drafts: Mapping[str, Trace], arms: int, sandbox: Sandbox, memo: Memo
) -> Compared:
    """An arm's points, and how it, of so many arms, stands beside draws at equal cost.

    A selector that asks the model is not asked again about other pools than the arm's own.
    """
    problems = [
        Problem(trace, drafts[task], run.config, sandbox, memo)
        for task, trace in run.traces.items()
        if task in drafts
    ]
    single = mean_point([await problem.single_shot() for problem in problems])
    last = run.config.rounds
    if asks_model(run.config.selector):
        return Compared((single, mean_point([await p.after(p.trace.rounds) for p in problems])))
    lines: list[dict[str, Point]] = [{} for _ in problems]
    sizes = _sizes(len(next(iter(drafts.values())).candidates))

    async def one(problem: Problem, line: dict[str, Point]) -> None:
        line["tokens"] = await problem.drawn(problem.affordable())
        line["samples"] = await problem.drawn(len(problem.trace.candidates))
        line |= {f"round {i}": await problem.after(i) for i in range(last + 1)}
        line |= {f"draws {k}": await problem.drawn(k) for k in sizes}

    await all_or_first_error(one(*pair) for pair in zip(problems, lines, strict=True))
    memo.save()

    def mean(name: str) -> Point:
        return mean_point([line[name] for line in lines])

    final = [problem.final() for problem in problems]
    return Compared(
        points=(single, *(mean(f"round {i}") for i in range(last + 1))),
        at_tokens=_interval([line["tokens"].passed for line in lines], final, arms),
        at_samples=_interval([line["samples"].passed for line in lines], final, arms),
        beyond=sum(p.affordable() > len(p.drafts.candidates) for p in problems),
        curve=DrawCurve(label=_label(run), points=tuple(mean(f"draws {k}") for k in sizes)),
    )


def _sizes(most: int) -> tuple[int, ...]:
    """Numbers of draws of a curve: dense at first."""
    return (*(k for k in (1, 2, 3, 5, 8, 13, 20, 32, 50, 80, 128) if k < most), most)


def _label(run: ArmRun) -> str:
    """The selector, and what is not the default of what it looks at."""
    default = RunConfig.model_fields
    seen = [
        f"{name}.{key}={value}"
        for name in ("tests", "inputs")
        for key, value in getattr(run.config, name).model_dump().items()
        if value != getattr(default[name].default, key)
    ]
    return ", ".join((run.config.selector, *seen))


def _interval(first: Sequence[float], second: Sequence[float], arms: int) -> Interval:
    low, high = paired_bootstrap(first, second)
    family_low, family_high = paired_bootstrap(first, second, confidence=1 - 0.05 / arms)
    return Interval(
        value=fmean(second) - fmean(first),
        low=low,
        high=high,
        family_low=family_low,
        family_high=family_high,
    )


def _versus(baseline: ArmRun, run: ArmRun) -> Difference:
    both = [task for task in baseline.traces if task in run.traces]
    return paired(
        [_solved(baseline.traces[task]) for task in both],
        [_solved(run.traces[task]) for task in both],
    )


def _solved(trace: Trace) -> bool:
    return verdicts_of(trace)[trace.choice.candidate]


def _new(calls: Sequence[Call], seen: set[tuple[str, int]]) -> list[tuple[Call, Usage, int]]:
    """Requests with the tokens of those answers alone that are not `seen`, which grows."""
    found = []
    for call in calls:
        key = Request("", call.messages, call.sampling).key
        places = [(key, call.first + i) for i in range(len(call.completions))]
        fresh = [
            answer
            for place, answer in zip(places, call.completions, strict=True)
            if place not in seen
        ]
        seen.update(places)
        if fresh:
            found.append((call, usage_of(fresh), len(fresh)))
    return found


def _cost(calls: Sequence[tuple[Call, Usage, int]]) -> Cost:
    total = sum((usage for _, usage, _ in calls), Usage())
    return Cost(
        prompt_tokens=total.prompt_tokens,
        completion_tokens=total.completion_tokens,
        calls=len(calls),
        completions=sum(number for _, _, number in calls),
    )


def _losses(traces: Sequence[Trace]) -> tuple[LossCount, ...]:
    counts = Counter((loss.label, loss.outcome, loss.category) for loss in losses(traces))
    return tuple(
        LossCount(label=label, outcome=outcome, category=category, problems=number)
        for (label, outcome, category), number in sorted(counts.items())
    )
