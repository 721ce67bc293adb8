"""The plots of a study, as SVG and PNG: pass@1 by budget, and the differences from draws.

The same result and the same matplotlib give the same bytes, whatever the user's configuration is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from agent.report.summary import Difference
from agent.support.safe_text import one_line
from experiments.studies.plot_data import pareto_front
from experiments.studies.results import Interval, SpendingPoint, StudyResult
from experiments.studies.sample_tables import drafting

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

NAME_SHOWN = 40
COLOURS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8c6d1f", "#332288"),
    *("#e69f00", "#882255", "#56b4e9", "#117733", "#5c5c5c"),
)
"""Distinct on white with any colour vision (after Okabe & Ito 2008, and Tol 2021)."""
MARKERS = "os^DvPX<>ph"
GREYS = ("#000000", "#707070")
DASHES = ((0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
STYLE: dict[RcKeyType, object] = {
    "svg.hashsalt": "study",
    "svg.fonttype": "none",
    # Names are plain text: a dollar sign does not begin a formula.
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "legend.frameon": False,
    "legend.fontsize": "small",
    "figure.constrained_layout.use": True,
}


class Plot(NamedTuple):
    """A plot: the name of its files, and its title."""

    name: str
    title: str


class _Budget(NamedTuple):
    plot: Plot
    axis: str
    value: Callable[[SpendingPoint], float]


_BUDGETS = (
    _Budget(
        Plot("curve-samples", "pass@1 against programs: arms round by round, and draws"),
        "programs per problem",
        lambda point: point.samples,
    ),
    _Budget(
        Plot("curve-generated", "pass@1 against generated tokens: arms round by round, and draws"),
        "completion tokens per problem",
        lambda point: point.generated,
    ),
    _Budget(
        Plot("curve-total", "pass@1 against all tokens: arms round by round, and draws"),
        "prompt and completion tokens per problem",
        lambda point: point.total,
    ),
)
_DIFFERENCES = Plot("differences", "pass@1 minus draws and minus the baseline, with 95 % intervals")
_SAMPLES = Plot("pass-at-k", "pass@k of the sampled drafts, with 95 % intervals")
_PARETO = Plot("pareto", "pass@1 against all tokens, with the arms that no cheaper arm reaches")
PLOTS = (_DIFFERENCES, _PARETO, *(budget.plot for budget in _BUDGETS), _SAMPLES)


def draw(result: StudyResult, folder: Path) -> tuple[Path, ...]:
    """Write every plot into the folder, created if missing. Return the paths of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    with _style():
        figures = [(_DIFFERENCES, _differences(result))]
        figures += [(budget.plot, _curve(result, budget)) for budget in _BUDGETS]
        figures += [(_SAMPLES, _samples(result)), (_PARETO, _pareto(result))]
        return tuple(path for plot, figure in figures for path in _save(figure, folder / plot.name))


@contextmanager
def _style() -> Iterator[None]:
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def _save(figure: Figure, path: Path) -> Iterator[Path]:
    no_metadata = dict.fromkeys(("Format", "Type", "Creator", "Date"))
    figure.savefig(path.with_suffix(".svg"), metadata=no_metadata)
    figure.savefig(path.with_suffix(".png"), metadata={"Software": None}, dpi=150)
    yield from (path.with_suffix(".svg"), path.with_suffix(".png"))


def _curve(result: StudyResult, budget: _Budget) -> Figure:
    names = len(result.arms) + len(result.curves)
    figure = Figure(figsize=(10, max(5, 0.6 + 0.18 * names)))
    axes = figure.add_subplot(
        title=budget.plot.title, xlabel=budget.axis, ylabel="pass@1 of the answer in %"
    )
    lines = [*_arm_lines(result, axes, budget), *_draw_lines(result, axes, budget)]
    shown = [arm.points for arm in result.arms] + [curve.points for curve in result.curves]
    used = [budget.value(point) for points in shown for point in points]
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.10g}"))
    if used and min(used) > 0 and max(used) > 10 * min(used):
        _logarithmic(axes, max(used) / min(used))
    if lines:
        handles, labels = zip(*lines, strict=True)
        figure.legend(handles, labels, loc="outside right upper")
    return figure


def _logarithmic(axes: Axes, span: float) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if span < 2000 else (1,)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.10g}"))


def look(number: int) -> tuple[str, str]:
    """Return the colour and the marker of an arm.

    Any two of eleven arms differ in both, and any two of 121 in one of them.
    """
    again, place = divmod(number, len(COLOURS))
    return COLOURS[place], MARKERS[(place + again) % len(MARKERS)]


def _arm_lines(result: StudyResult, axes: Axes, budget: _Budget) -> Iterator[tuple[Line2D, str]]:
    """Plot one line per arm. The highest end comes first, for a legend in the order of the plot."""
    numbered = [(number, arm) for number, arm in enumerate(result.arms) if arm.points]
    for number, arm in sorted(numbered, key=lambda pair: -pair[1].points[-1].passed):
        (line,) = axes.plot(
            [budget.value(point) for point in arm.points],
            [100 * point.passed for point in arm.points],
            color=look(number)[0],
            marker=look(number)[1],
            markersize=5.5,
            markeredgecolor="white",
            markeredgewidth=0.6,
            linewidth=1.4,
            zorder=3,
        )
        yield line, _shown(arm.name)


def _draw_lines(result: StudyResult, axes: Axes, budget: _Budget) -> Iterator[tuple[Line2D, str]]:
    for number, curve in enumerate(result.curves):
        (line,) = axes.plot(
            [budget.value(point) for point in curve.points],
            [100 * point.passed for point in curve.points],
            color=GREYS[number % len(GREYS)],
            linestyle=DASHES[number % len(DASHES)],
            linewidth=1.4,
        )
        yield line, f"draws, {_shown(curve.label)}"


def _samples(result: StudyResult) -> Figure:
    """Plot a line for each way of drafting, and its intervals, a little apart from each other."""
    rows = drafting(result.arms)
    figure = Figure(figsize=(10, max(5, 0.6 + 0.18 * len(rows))))
    axes = figure.add_subplot(title=_SAMPLES.title, xlabel="k", ylabel="pass@k in %")
    lines = []
    for number, (names, points) in enumerate(rows):
        colour, marker = look(number)
        low = [100 * (point.value - point.low) for point in points]
        high = [100 * (point.high - point.value) for point in points]
        bars = axes.errorbar(
            [point.k * 1.012 ** (number - len(rows) // 2) for point in points],
            [100 * point.value for point in points],
            yerr=[low, high],
            color=colour,
            marker=marker,
            markersize=5.5,
            capsize=2,
            linewidth=1.4,
            elinewidth=0.8,
        )
        lines.append((bars, _shown(", ".join(names))))
    ks = sorted({point.k for _, points in rows for point in points})
    if len(ks) > 1:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ks, [str(k) for k in ks])
    axes.set_ylim(bottom=0)
    if lines:
        handles, labels = zip(*lines, strict=True)
        figure.legend(handles, labels, loc="outside right upper")
    return figure


def _pareto(result: StudyResult) -> Figure:
    """Plot the cost and the result of each arm, and a line through the Pareto front."""
    ends = {arm.name: arm.points[-1] for arm in result.arms if arm.points}
    figure = Figure(figsize=(10, max(5, 0.6 + 0.18 * len(ends))))
    axes = figure.add_subplot(
        title=_PARETO.title,
        xlabel="prompt and completion tokens per problem",
        ylabel="pass@1 of the answer in %",
    )
    front = pareto_front(result)
    axes.plot(
        [ends[name].total for name in front],
        [100 * ends[name].passed for name in front],
        color=GREYS[0],
        linestyle=DASHES[0],
        linewidth=1,
        drawstyle="steps-post",
        zorder=2,
    )
    lines = []
    for number, arm in enumerate(result.arms):
        if arm.name in ends:
            colour, marker = look(number)
            (line,) = axes.plot(
                [ends[arm.name].total],
                [100 * ends[arm.name].passed],
                linestyle="none",
                marker=marker,
                markersize=7,
                color=colour,
                markerfacecolor=colour if arm.name in front else "white",
                zorder=3,
            )
            lines.append((line, _shown(arm.name)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.10g}"))
    if lines:
        handles, labels = zip(*lines, strict=True)
        figure.legend(handles, labels, loc="outside right upper")
    return figure


def _differences(result: StudyResult) -> Figure:
    names = [_shown(arm.name) for arm in result.arms]
    figure = Figure(figsize=(9, 1.7 + 0.42 * max(1, len(names))))
    axes = figure.add_subplot(title=_DIFFERENCES.title, xlabel="points of pass@1")
    axes.axvline(0, color="#000000", linewidth=1)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(max(1, len(names)) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    marks = (
        _bars(axes, [arm.at_tokens for arm in result.arms], -0.14, COLOURS[0], filled=True),
        _bars(axes, [arm.versus for arm in result.arms], 0.14, COLOURS[1], filled=False),
    )
    labels = (
        "minus draws, with the same stop, at the same tokens",
        f"minus {_shown(result.baseline)}",
    )
    figure.legend(marks, labels, loc="outside lower center", ncols=2)
    return figure


def _bars(
    axes: Axes,
    found: Sequence[Interval | Difference | None],
    offset: float,
    colour: str,
    *,
    filled: bool,
) -> Line2D:
    """Plot the intervals of all arms, one row each. Return the line for the legend."""
    rows = [(row + offset, one) for row, one in enumerate(found) if one is not None]
    axes.hlines(
        [row for row, _ in rows],
        [100 * one.low for _, one in rows],
        [100 * one.high for _, one in rows],
        color=colour,
        linewidth=1.6,
    )
    (line,) = axes.plot(
        [100 * one.value for _, one in rows],
        [row for row, _ in rows],
        linestyle="none",
        marker="o" if filled else "s",
        color=colour,
        markerfacecolor=colour if filled else "white",
        markersize=6,
        zorder=3,
    )
    return line


def _shown(name: str) -> str:
    """Return a name in characters that the font of the PNG has."""
    return one_line(name, NAME_SHOWN).encode("latin-1", "backslashreplace").decode("latin-1")
