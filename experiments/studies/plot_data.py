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
    others = {"differences": _differences, "pass-at-k": _samples, "pareto": _pareto}
    return found | {name: _csv(rows(result)) for name, rows in others.items()}


def pareto_front(result: StudyResult) -> list[str]:
    """Return the arms that no other arm beats in tokens and in pass@1, the cheapest first."""
    ends = [(arm.points[-1], arm.name) for arm in result.arms if arm.points]
    front: list[str] = []
    best = -1.0
    for point, name in sorted(ends, key=lambda one: (one[0].total, -one[0].passed)):
        if point.passed > best:
            front.append(name)
            best = point.passed
    return front


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


def _pareto(result: StudyResult) -> Iterator[Row]:
    yield "arm", "tokens", "pass@1", "on the front"
    front = pareto_front(result)
    for arm in result.arms:
        if arm.points:
            yield arm.name, arm.points[-1].total, arm.points[-1].passed, arm.name in front
