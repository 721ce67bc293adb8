"""Mean differences over problems with their intervals and p-values, adjusted for their number."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from agent.evaluation.stats import holm, paired_bootstrap, sign_flip
from experiments.studies.against_draws import Pairs
from experiments.studies.results import Interval


def intervals(found: Sequence[Pairs | None]) -> list[Interval | None]:
    """Return the differences of all arms, with p-values adjusted for their number."""
    ps = [None if pairs is None else sign_flip(pairs.first, pairs.second) for pairs in found]
    return [
        None if pairs is None or p is None or q is None else _interval(pairs, p, q)
        for pairs, p, q in zip(found, ps, adjusted_by_holm(ps), strict=True)
    ]


def _interval(pairs: Pairs, p: float, adjusted: float) -> Interval:
    low, high = paired_bootstrap(pairs.first, pairs.second)
    value = fmean(pairs.second) - fmean(pairs.first)
    return Interval(value=value, low=low, high=high, p=p, holm=adjusted)


def adjusted_by_holm(ps: Sequence[float | None]) -> list[float | None]:
    """Return the p-values that are not None adjusted by Holm, at their places."""
    adjusted = iter(holm([p for p in ps if p is not None]))
    return [None if p is None else next(adjusted) for p in ps]
