"""Tables of a study on its sampled drafts, and on figures that others published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.report.figures import count
from agent.report.markdown import table
from experiments.studies.cells import NONE, difference, points, shown, with_interval
from experiments.studies.results import (
    ArmResult,
    PublishedResult,
    SampledRate,
    SpendingPoint,
    StudyResult,
)


def sampled(result: StudyResult) -> Iterator[str]:
    """Yield the table of pass@k by arm, with the best arm for each k; nothing without samples.

    Arms that draft in the same way share a row.
    """
    rows = drafting(result.arms)
    ks = sorted({point.k for _, curve in rows for point in curve})
    if not ks:
        return
    yield "## Sampled drafts"
    yield (
        "Unbiased pass@k of the sampled drafts in percent, with 95 % intervals over problems. Arms"
        " that draft in the same way share a row."
    )
    lines = [(shown(", ".join(names)), *(_rate(curve, k) for k in ks)) for names, curve in rows]
    if len(rows) > 1:
        lines.append(("best", *(_best(rows, k) for k in ks)))
    yield table(("arm", *(f"pass@{k}" for k in ks)), lines)


def drafting(arms: Sequence[ArmResult]) -> list[tuple[list[str], tuple[SampledRate, ...]]]:
    """Return the arms that share their draws, by name, with pass@k of these draws."""
    found: dict[str, tuple[list[str], tuple[SampledRate, ...]]] = {}
    for arm in arms:
        found.setdefault(arm.drafts, ([], arm.sampled))[0].append(arm.name)
    return list(found.values())


def _rate(curve: Sequence[SampledRate], k: int) -> str:
    point = next((one for one in curve if one.k == k), None)
    return NONE if point is None else with_interval(point)


def _best(rows: Sequence[tuple[list[str], tuple[SampledRate, ...]]], k: int) -> str:
    known = [(p.value, names[0]) for names, curve in rows for p in curve if p.k == k]
    most = max(value for value, _ in known)
    return shown(", ".join(name for value, name in known if value == most))


def at_equal_tokens(result: StudyResult) -> Iterator[str]:
    """Yield the ways of drafting for the same tokens; nothing if there is only one."""
    if not result.equal_samples:
        return
    names = {
        folder: [arm.name for arm in result.arms if arm.drafts == folder]
        for folder in {arm.drafts for arm in result.arms}
    }
    yield "## Ways of drafting at equal tokens"
    yield (
        f"Coverage for {result.equal_samples[0].budget:,.0f} tokens a problem, which is one sample"
        " of the dearest way: the expected share of problems with a right program among the samples"
        " that these tokens buy. Intervals are paired by problem, and p comes from a sign-flip"
        " test, adjusted by Holm. `short` counts problems whose stored samples cost less."
    )
    head = ("arm", "tokens a sample", "samples", "short", "coverage in %", "minus the first", "p")
    lines = [
        (
            shown(", ".join(names[one.drafts])),
            *(f"{one.tokens:,.0f}", f"{one.samples:.2f}", f"{one.short:,}"),
            *(f"{100 * one.coverage:.1f}", difference(one.versus)),
            NONE if one.versus is None else f"{one.versus.holm:.3g}",
        )
        for one in result.equal_samples
    ]
    yield table(head, lines)


def impact(result: StudyResult) -> Iterator[str]:
    """Yield the arms in the order of their difference from the baseline; nothing for one or two."""
    arms = [(arm.versus.value, arm) for arm in result.arms if arm.versus is not None]
    if len(arms) < 2:
        return
    yield "## Order of impact"
    yield (
        f"Each arm minus {shown(result.baseline)}, the largest difference of pass@1 first, with"
        " the tokens that it costs more a problem. The table of results has the tests of"
        " significance."
    )
    first = result.arms[0].points
    lines = [
        (shown(arm.name), points(value), _more(first, arm.points))
        for value, arm in sorted(arms, key=lambda pair: -abs(pair[0]))
    ]
    yield table(("arm", "points", "tokens a problem"), lines)


def _more(first: Sequence[SpendingPoint], own: Sequence[SpendingPoint]) -> str:
    return f"{own[-1].total - first[-1].total:+,.0f}" if first and own else NONE


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
    yield table(head, (_beside(found, result.problems) for found in result.published))


def _beside(found: PublishedResult, problems: int) -> tuple[str, ...]:
    one, ours = found.published, found.ours
    start = (shown(one.arm), one.figure, f"{one.percent:.1f}", f"{one.problems:,}")
    if ours is None:
        return (*start, NONE, "the study does not have it", shown(one.source))
    inside = ours.low <= one.percent / 100 <= ours.high
    words = "within our interval" if inside else "outside of our interval"
    if problems != one.problems:
        words = f"not compared: {count(problems, 'problem')} here"
    return (*start, with_interval(ours), words, shown(one.source))
