"""The data of each plot of a study as CSV, to lie beside its pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

from experiments.studies.results import SpendingPoint, StudyResult
from experiments.studies.sample_tables import drafting

Row = tuple[object, ...]
_BUDGETS: dict[str, Callable[[SpendingPoint], float]] = {
    "curve-samples": lambda point: point.samples,
    "curve-generated": lambda point: point.generated,
    "curve-total": lambda point: point.total,
}


def plot_data(result: StudyResult) -> dict[str, str]:
    """Return the CSV of each plot by the plot's name. Shares are fractions."""
    found = {name: _csv(_curve(result, budget)) for name, budget in _BUDGETS.items()}
    return found | {"differences": _csv(_differences(result)), "pass-at-k": _csv(_samples(result))}


def _csv(rows: Iterator[Row]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _curve(result: StudyResult, budget: Callable[[SpendingPoint], float]) -> Iterator[Row]:
    yield "line", "budget", "pass@1"
    lines = [(arm.name, arm.points) for arm in result.arms]
    lines += [(f"draws, {curve.label}", curve.points) for curve in result.curves]
    for label, points in lines:
        yield from ((label, budget(point), point.passed) for point in points)


def _differences(result: StudyResult) -> Iterator[Row]:
    yield "arm", "minus", "difference", "low", "high"
    for arm in result.arms:
        pairs = (("draws at equal tokens", arm.at_tokens), (result.baseline, arm.versus))
        yield from ((arm.name, to, d.value, d.low, d.high) for to, d in pairs if d is not None)


def _samples(result: StudyResult) -> Iterator[Row]:
    yield "arms", "k", "pass@k", "low", "high"
    for names, points in drafting(result.arms):
        for point in points:
            yield ", ".join(names), point.k, point.value, point.low, point.high
