"""Analysis of the finished runs of a study: its results."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import agent.loop.steps
import agent.selection
from agent.config import RunConfig
from agent.errors import RunFolderError
from agent.evaluation.stats import (
    clustered_standard_error,
    fewest_flips,
    smallest_detectable,
)
from agent.models.store import Request
from agent.report.build import answered, build_report, paired
from agent.report.summary import Difference, Rate, Report
from agent.runner.resources import plugin_hashes
from agent.types import Call, Trace, Usage
from experiments.studies.against_draws import Compared, compare_with_draws
from experiments.studies.arms import Arm, PublishedFigure, Study, changes
from experiments.studies.categories import category_of
from experiments.studies.disk_cache import DiskCache
from experiments.studies.draws import draws_of, solved, verdicts_of
from experiments.studies.equal_samples import equal_samples
from experiments.studies.intervals import adjusted_by_holm, intervals
from experiments.studies.ledger import ledger
from experiments.studies.losses import losses
from experiments.studies.results import (
    ArmResult,
    Cost,
    LossCount,
    PublishedResult,
    SampledRate,
    StudyResult,
)
from experiments.studies.sampled import sample_curve
from sandbox.base import Sandbox

FLIPS = (0.05, 0.1, 0.2)
"""Shares of problems whose verdict changes, for which the smallest difference is reported."""
ALPHA = 0.05


@dataclass(frozen=True)
class ArmRun:
    """An arm, and the report and traces of its run."""

    arm: Arm
    config: RunConfig
    folder: str
    report: Report
    traces: Mapping[str, Trace]
    """Scored traces, by task id."""
    drafts: Mapping[str, Trace]
    """Scored traces of the run that only draws for it ..."""
    drafts_folder: str
    """... and its folder, relative to the study's folder."""


async def analyse(
    study: Study,
    runs: Sequence[ArmRun],
    sandbox: Sandbox,
    memo: DiskCache,
) -> StudyResult:
    """Return the results of a study on the problems scored in all runs; the first is the baseline.

    Raises RunFolderError if no problem is scored in all runs.
    """
    every = [scored for run in runs for scored in (run.traces, run.drafts)]
    tasks = [task for task in runs[0].drafts if all(task in scored for scored in every)]
    if not tasks:
        raise RunFolderError("no problem could be scored in every arm of the study")
    traces = [[run.traces[task] for task in tasks] for run in runs]
    drafts = [[run.drafts[task] for task in tasks] for run in runs]
    compared = []
    for run, scored, stored in zip(runs, traces, drafts, strict=True):
        code = selector_code(*plugin_hashes(run.config).values())
        compared.append(await compare_with_draws(run.config, scored, stored, sandbox, memo, code))
        memo.save()
    versus = [None, *(_versus(traces[0], scored) for scored in traces[1:])]
    adjusted = adjusted_by_holm([None if one is None else one.p for one in versus])
    at_tokens = intervals([one.at_tokens for one in compared])
    at_samples = intervals([one.at_samples for one in compared])
    seen: set[tuple[str, int]] = set()
    arms = [
        ArmResult(
            **_figures(run, scored, seen),
            **_draws(found),
            versus=difference,
            holm=p,
            at_tokens=tokens,
            at_samples=samples,
            drafts=run.drafts_folder,
            sampled=sample_curve(stored, study.curves),
            ledger=ledger(scored, dict(zip(tasks, map(draws_of, stored), strict=True))),
            losses=_losses(scored),
        )
        for run, scored, stored, found, difference, p, tokens, samples in zip(
            *(runs, traces, drafts, compared, versus, adjusted, at_tokens, at_samples), strict=True
        )
    ]
    single = [verdicts_of(one)[one.greedy_drafts :] or verdicts_of(one) for one in drafts[0]]
    return StudyResult(
        name=study.name,
        description=study.description,
        dataset=runs[0].report.dataset,
        model=", ".join(dict.fromkeys(run.report.model for run in runs)),
        problems=len(tasks),
        left_out=max(run.report.problems for run in runs) - len(tasks),
        baseline=runs[0].arm.name,
        drawn=study.draws,
        single_draw=fmean(fmean(verdicts) for verdicts in single),
        single_draw_error=clustered_standard_error(single) if len(single) > 1 else 0.0,
        detectable=detectable(len(tasks), len(runs) - 1),
        fewest_flips=fewest_flips(_level(len(runs) - 1)),
        categories=dict(sorted(Counter(category_of(t.problem) for t in traces[0]).items())),
        arms=tuple(arms),
        equal_samples=equal_samples(
            dict(zip((r.drafts_folder for r in runs), drafts, strict=True))
        ),
        published=tuple(
            _beside(one, arms) for one in study.published if one.draws in (None, study.draws)
        ),
        curves=tuple({c.label: c for found in compared for c in found.curves}.values()),
    )


def _beside(one: PublishedFigure, arms: Sequence[ArmResult]) -> PublishedResult:
    """Return a published figure with that of the study, if the study has it."""
    arm = next((arm for arm in arms if arm.name == one.arm), None)
    ours: Rate | SampledRate | None = None
    if arm is not None:
        rates = {"final": arm.final, "single shot": arm.single_shot, "coverage": arm.oracle}
        sampled = {f"pass@{point.k}": point for point in arm.sampled}
        ours = rates.get(one.figure) or sampled.get(one.figure)
    return PublishedResult(published=one, ours=ours)


def selector_files() -> list[Path]:
    """Return the sources that a selector's answer depends on."""
    package = Path(agent.selection.__file__).parent
    return sorted([*package.rglob("*.py"), Path(agent.loop.steps.__file__)])


def selector_code(*plugins: str) -> str:
    """Return the hash of the source that a selector's answer depends on, plug-ins included."""
    digest = hashlib.sha256("".join(plugins).encode())
    for path in selector_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def detectable(problems: int, comparisons: int) -> tuple[tuple[float, float | None], ...]:
    """Return the smallest difference detected with 80 % power, for each share of FLIPS.

    The level is that of Holm's first step. The difference is None if the test does not detect it
    even when all changes are in one direction.
    """
    level = _level(comparisons)
    found = []
    for flips in FLIPS:
        smallest = smallest_detectable(problems, flips, alpha=level)
        possible = smallest < flips and flips * problems >= fewest_flips(level)
        found.append((flips, smallest if possible else None))
    return tuple(found)


def detectable_text(problems: int, comparisons: int) -> str:
    """Return one line, shown before the run: the differences that a study of this size detects."""
    found = [
        f"{100 * flips:.0f} % change: "
        + ("none" if smallest is None else f"{100 * smallest:.1f} points")
        for flips, smallest in detectable(problems, comparisons)
    ]
    return (
        f"{problems} problems, {comparisons} comparisons (Holm): the smallest difference "
        f"detected with 80 % power if {', '.join(found)}; with fewer than "
        f"{fewest_flips(_level(comparisons))} changed problems, no difference is significant"
    )


def _level(comparisons: int) -> float:
    return ALPHA / max(1, comparisons)


def _figures(run: ArmRun, traces: Sequence[Trace], seen: set[tuple[str, int]]) -> dict[str, object]:
    """Return the figures of an arm alone. The answers that it asked for are added to `seen`."""
    report = build_report(
        traces,
        dataset=run.report.dataset,
        model=run.report.model,
        sandbox=run.report.sandbox,
        starts=(),
        unscored=run.report.unscored,
    )
    calls = [call for trace in traces for call in trace.calls]
    return {
        "name": run.arm.name,
        "settings": changes(run.arm.settings),
        "folder": run.folder,
        "single_shot": report.single_shot,
        "final": report.final,
        "expected": report.expected,
        "oracle": report.oracle,
        "unscored": len(report.unscored),
        "cost": _cost(calls),
        "new": _cost(_new(calls, seen)),
        "executions": report.executions,
        "variants": report.patches.variants if report.patches else 0,
    }


def _draws(found: Compared) -> dict[str, object]:
    return {
        "points": found.points,
        "drawn": found.drawn,
        "beyond": found.beyond,
        "draws": found.curves[-1].label if found.curves else "",
    }


def _versus(baseline: Sequence[Trace], traces: Sequence[Trace]) -> Difference:
    return paired(*([solved(trace) for trace in side] for side in (baseline, traces)))


def _new(calls: Sequence[Call], seen: set[tuple[str, int]]) -> list[Call]:
    """Return the calls with an answer not yet in `seen`, with only those; add them to it."""
    found = []
    for call in calls:
        key = Request("", call.messages, call.sampling).key
        places = [(key, call.first + i) for i in range(len(call.completions))]
        pairs = zip(places, call.completions, strict=True)
        fresh = tuple(answer for place, answer in pairs if place not in seen)
        seen.update(places)
        if fresh:
            found.append(call.model_copy(update={"completions": fresh}))
    return found


def _cost(calls: Sequence[Call]) -> Cost:
    total = sum((call.usage for call in calls), Usage())
    return Cost(
        prompt_tokens=total.prompt_tokens,
        completion_tokens=total.completion_tokens,
        calls=answered(calls),
        completions=sum(len(call.completions) for call in calls),
    )


def _losses(traces: Sequence[Trace]) -> tuple[LossCount, ...]:
    counts = Counter((loss.label, loss.outcome, loss.category) for loss in losses(traces))
    return tuple(
        LossCount(label=label, outcome=outcome, category=category, problems=number)
        for (label, outcome, category), number in sorted(counts.items())
    )
