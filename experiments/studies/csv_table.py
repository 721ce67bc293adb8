"""The results of a study as CSV, one row per arm. The same result gives the same bytes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from agent.report.losses import LABELS
from agent.report.summary import Difference, Rate
from agent.types import Record
from experiments.studies.ledger import Ledger
from experiments.studies.results import ArmResult, Cost, Interval, SpendingPoint, StudyResult


def csv_table(result: StudyResult) -> str:
    """Return one wide row per arm, with a head.

    Shares are fractions. Tokens are sums, except in `last`, the arm's last point, where they are
    means per problem. A cell without a value is empty.
    """
    lines = [dict(_fields(arm)) for arm in result.arms]
    text = io.StringIO()
    if lines:
        writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return text.getvalue()


def _fields(arm: ArmResult) -> Iterator[tuple[str, object]]:
    yield from (("arm", arm.name), ("folder", arm.folder), ("draws", arm.draws))
    rates = (("single_shot", arm.single_shot), ("final", arm.final), ("oracle", arm.oracle))
    for name, rate in rates:
        yield name, rate.value if rate.total else None
        yield from _prefixed(name, Rate, rate)
    yield from (("expected", arm.expected), ("unscored", arm.unscored))
    yield from _prefixed("versus", Difference, arm.versus)
    yield "versus_holm", arm.holm
    yield from _prefixed("last", SpendingPoint, arm.points[-1] if arm.points else None)
    yield from _prefixed("at_tokens", Interval, arm.at_tokens)
    yield from _prefixed("at_samples", Interval, arm.at_samples)
    yield "beyond", arm.beyond
    yield from _prefixed("cost", Cost, arm.cost)
    yield from _prefixed("new", Cost, arm.new)
    yield "executions", arm.executions
    yield "variants", arm.variants
    yield from _prefixed("repair", Ledger, arm.ledger)
    lost = Counter[str]()
    for loss in arm.losses:
        lost[loss.label] += loss.problems
    for label in LABELS:
        yield f"lost_{label.replace(' ', '_')}", lost[label]


def _prefixed(
    prefix: str, kind: type[Record], record: Record | None
) -> Iterator[tuple[str, object]]:
    for name in kind.model_fields:
        yield f"{prefix}_{name}", None if record is None else getattr(record, name)
