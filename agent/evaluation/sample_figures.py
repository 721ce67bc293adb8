"""The figures of a samples file, from its verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from agent.evaluation.stats import mean_pass_at_k
from agent.types import Isolation, Record


class SampleVerdict(Record):
    """The hidden test's verdict on one sample."""

    task_id: str
    sample: int
    passed: bool
    outcome: str
    detail: str
    views: dict[str, bool] = Field(default_factory=dict)
    """Whether the sample passes each view of the hidden test."""
    isolation: Isolation = "split"
    """The isolation in which the sample was judged."""
    checked: bool = False
    """Whether the dataset has a reference solution, which was judged, too."""
    unjudged: str = ""
    """Reason why the reference solution fails, if it does and the sample fails, too; else empty."""


class UnjudgedSamples(Record):
    """The failing samples of a problem whose reference solution fails, too."""

    task_id: str
    samples: int
    """Their number."""
    reason: str
    """Reason why the reference solution fails."""


class SampleScores(Record):
    """The figures of a samples file: its size, pass@k, outcomes and the time taken."""

    samples: int
    problems: int
    passed: int
    pass_at_k: Annotated[dict[int, float], Field(serialization_alias="pass@k")]
    views: dict[str, dict[int, float]] = Field(default_factory=dict)
    """pass@k by parts of the hidden tests: `base` without the tests that EvalPlus added, `unseen`
    without those that the prompt shows."""
    outcomes: dict[str, int]
    seconds: float
    dataset_problems: int = 0
    """Number of problems of the dataset, with samples or without."""
    judged_problems: int = 0
    """Number of problems that pass@k is over: those with a sample that is not unjudged."""
    left_out: Annotated[dict[int, str], Field(serialization_alias="not_reported")] = Field(
        default_factory=dict
    )
    """The values of k that were asked for and are not reported, with the reasons."""
    isolation: dict[str, int] = Field(default_factory=dict)
    """Number of problems by the isolation in which their samples were judged."""
    unchecked: int = 0
    """Number of problems without a reference solution."""
    unjudged: tuple[UnjudgedSamples, ...] = ()
    """Failing samples that say nothing, since their problem's reference solution fails, too."""
    unjudged_count_as_failed: bool = False
    """Whether they count as failed. Otherwise they are in no figure but `outcomes`."""


def summarise(
    verdicts: Sequence[SampleVerdict],
    ks: Iterable[int],
    seconds: float,
    *,
    asked_for: bool = False,
    dataset_problems: int = 0,
    count_unjudged: bool = False,
) -> SampleScores:
    """Return the figures; pass@k is over the problems with samples, for each k they all allow.

    If the values of k were `asked_for`, the figures say which of them are left out, and why.
    """
    total = Counter(verdict.task_id for verdict in verdicts)
    right = Counter(verdict.task_id for verdict in verdicts if verdict.passed)
    unjudged = Counter(verdict.task_id for verdict in verdicts if verdict.unjudged)
    reasons = {verdict.task_id: verdict.unjudged for verdict in verdicts if verdict.unjudged}
    known = {v.task_id: v for v in verdicts}
    left_out = {} if count_unjudged else unjudged
    counts = _counts(total, right, left_out)

    def rates(right: Mapping[str, int]) -> dict[int, float]:
        return {k: mean_pass_at_k([*_counts(total, right, left_out).values()], k) for k in reported}

    wanted = tuple(ks)
    least = min((number for number, _ in counts.values()), default=0)
    reported = [k for k in wanted if k <= least]
    names = dict.fromkeys(name for verdict in verdicts for name in verdict.views)
    views = {name: [v for v in verdicts if v.views.get(name, v.passed)] for name in names}
    return SampleScores(
        samples=len(verdicts),
        problems=len(total),
        passed=right.total(),
        pass_at_k=rates(right),
        views={name: rates(Counter(v.task_id for v in passed)) for name, passed in views.items()},
        outcomes=dict(sorted(Counter(verdict.outcome for verdict in verdicts).items())),
        seconds=round(seconds, 3),
        dataset_problems=dataset_problems,
        judged_problems=len(counts),
        left_out=_left_out(set(wanted) - {*reported}, counts) if asked_for else {},
        isolation=dict(sorted(Counter(v.isolation for v in known.values()).items())),
        unchecked=sum(not verdict.checked for verdict in known.values()),
        unjudged=tuple(
            UnjudgedSamples(task_id=task, samples=number, reason=reasons[task])
            for task, number in unjudged.items()
        ),
        unjudged_count_as_failed=count_unjudged,
    )


def _counts(
    total: Mapping[str, int], right: Mapping[str, int], unjudged: Mapping[str, int]
) -> dict[str, tuple[int, int]]:
    """Return (samples, right ones) of each problem with a judged sample.

    All judged samples of a problem with unjudged ones pass, so that its pass@k is 1 for every k: it
    keeps its number of samples, lest it decide which k are reported.
    """
    return {
        task: (number, number if unjudged.get(task) else right.get(task, 0))
        for task, number in total.items()
        if number > unjudged.get(task, 0)
    }


def _left_out(ks: Collection[int], counts: Mapping[str, tuple[int, int]]) -> dict[int, str]:
    """Return the reason why pass@k is not reported, for each of these k."""
    if not counts:
        return {k: f"pass@{k}: no problem could be judged" for k in sorted(ks)}
    return {k: _too_few(k, {task: n for task, (n, _) in counts.items()}) for k in sorted(ks)}


def _too_few(k: int, samples: Mapping[str, int]) -> str:
    few = [task for task, number in samples.items() if number < k]
    least = min(few, key=samples.__getitem__)
    others = f", and {len(few) - 1} other problems have too few" if len(few) > 1 else ""
    return f"pass@{k} needs {k} samples a problem; {least} has {samples[least]}{others}"
