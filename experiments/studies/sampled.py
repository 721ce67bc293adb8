"""pass@k of the sampled drafts of an arm, for every k that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from agent.evaluation.stats import paired_bootstrap, pass_at_k
from agent.types import Trace
from experiments.studies.draws import verdicts_of
from experiments.studies.results import SampledRate


def sample_curve(drafts: Sequence[Trace], ks: Sequence[int]) -> tuple[SampledRate, ...]:
    """Return the unbiased pass@k (Chen et al. 2021) of the drafts, without a greedy one.

    `drafts` are the traces of runs that only draw. A k above the smallest number of samples of a
    problem is left out.
    """
    sampled = [verdicts_of(trace)[trace.greedy_drafts :] for trace in drafts]
    most = min(map(len, sampled), default=0)
    found = []
    for k in sorted({k for k in ks if k <= most}):
        values = [pass_at_k(len(one), sum(one), k) for one in sampled]
        low, high = paired_bootstrap([0.0] * len(values), values)
        found.append(SampledRate(k=k, value=fmean(values), low=low, high=high))
    return tuple(found)
