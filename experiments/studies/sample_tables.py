"""Tables of a study on its sampled drafts, and on figures that others published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.report.markdown import escaped, table
from agent.support.safe_text import one_line
from experiments.studies.results import (
    ArmResult,
    PublishedResult,
    SampledRate,
    SpendingPoint,
    StudyResult,
)

NONE = "-"


def sampled(result: StudyResult) -> Iterator[str]:
    """Yield the table of pass@k by arm, with the best arm for each k; nothing without samples.

    Arms that draft in the same way share a row.
    """
    rows = drafting(result.arms)
    ks = sorted({point.k for _, points in rows for point in points})
    if not ks:
        return
    yield "## Sampled drafts"
    yield (
        "Unbiased pass@k of the sampled drafts in percent, with 95 % intervals over problems. Arms"
        " that draft in the same way share a row."
    )
    lines = [(_shown(", ".join(names)), *(_rate(points, k) for k in ks)) for names, points in rows]
    if len(rows) > 1:
        lines.append(("best", *(_best(rows, k) for k in ks)))
    yield table(("arm", *(f"pass@{k}" for k in ks)), lines)


def drafting(arms: Sequence[ArmResult]) -> list[tuple[list[str], tuple[SampledRate, ...]]]:
    """Return the arms that share their draws, by name, with pass@k of these draws."""
    found: dict[str, tuple[list[str], tuple[SampledRate, ...]]] = {}
    for arm in arms:
        found.setdefault(arm.drafts, ([], arm.sampled))[0].append(arm.name)
    return list(found.values())


def _rate(points: Sequence[SampledRate], k: int) -> str:
    point = next((one for one in points if one.k == k), None)
    return NONE if point is None else _interval(point.value, point.low, point.high)


def _best(rows: Sequence[tuple[list[str], tuple[SampledRate, ...]]], k: int) -> str:
    known = [(p.value, names[0]) for names, points in rows for p in points if p.k == k]
    most = max(value for value, _ in known)
    return _shown(", ".join(name for value, name in known if value == most))


def impact(result: StudyResult) -> Iterator[str]:
    """Yield the arms in the order of their difference from the baseline; nothing for one or two."""
    arms = [(arm.versus.value, arm) for arm in result.arms if arm.versus is not None]
    if len(arms) < 2:
        return
    yield "## Order of impact"
    yield (
        f"Each arm minus {_shown(result.baseline)}, the largest difference of pass@1 first, with"
        " the tokens that it costs more a problem. The table of results has the tests of"
        " significance."
    )
    first = result.arms[0].points
    lines = [
        (_shown(arm.name), f"{round(100 * value, 1) + 0.0:+.1f}", _more(first, arm.points))
        for value, arm in sorted(arms, key=lambda pair: -abs(pair[0]))
    ]
    yield table(("arm", "points", "tokens a problem"), lines)


def _more(first: Sequence[SpendingPoint], points: Sequence[SpendingPoint]) -> str:
    return f"{points[-1].total - first[-1].total:+,.0f}" if first and points else NONE


def published(result: StudyResult) -> Iterator[str]:
    """Yield the figures of others beside those of the study; nothing if the study names none."""
    if not result.published:
        return
    yield "## Published figures"
    yield (
        "Figures in percent. A published figure has no interval here: its own chance of error comes"
        " on top."
    )
    head = ("arm", "figure", "published", "problems", "here", "conclusion", "source")
    yield table(head, map(_beside, result.published))


def _beside(one: PublishedResult) -> tuple[str, ...]:
    start = (_shown(one.arm), one.figure, f"{100 * one.published:.1f}", f"{one.problems:,}")
    if one.value is None or one.low is None or one.high is None:
        return (*start, NONE, "the study does not have it", _shown(one.source))
    inside = one.low <= one.published <= one.high
    words = "within our interval" if inside else "outside of our interval"
    return (*start, _interval(one.value, one.low, one.high), words, _shown(one.source))


def _interval(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def _shown(text: str) -> str:
    return escaped(one_line(text))
