"""The cells of a study's tables: names, differences, and figures with their intervals."""

from __future__ import annotations

from agent.report.markdown import escaped
from agent.report.summary import Difference, Rate
from agent.support.safe_text import one_line
from experiments.studies.results import Interval, SampledRate

NONE = "-"
"""The cell of a figure that there is not."""


def points(share: float) -> str:
    """Return a signed difference of fractions, in points. What rounds to zero is +0.0."""
    return f"{round(100 * share, 1) + 0.0:+.1f}"


def with_interval(rate: Rate | SampledRate) -> str:
    """Return a rate and its interval, in percent."""
    return f"{100 * rate.value:.1f} ({100 * rate.low:.1f} to {100 * rate.high:.1f})"


def difference(found: Interval | Difference | None) -> str:
    """Return a difference and its interval, in points."""
    if found is None:
        return NONE
    return f"{points(found.value)} ({points(found.low)} to {points(found.high)})"


def shown(text: str) -> str:
    """Return text of the study on one line, shortened if long, and escaped for Markdown."""
    return escaped(one_line(text))
