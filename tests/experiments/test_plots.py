"""The plots of a study: the files, their bytes, and names that matplotlib could misread."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest

from experiments.studies.plot_data import pareto_front, plot_data
from experiments.studies.plots import PLOTS, draw, look
from experiments.studies.results import SampledRate, SpendingPoint, StudyResult
from tests.experiments.small_study import HOSTILE, baseline, critic, interval, repair, study

SVG = "{http://www.w3.org/2000/svg}"


def texts(path: Path) -> list[str]:
    return [node.text or "" for node in ElementTree.parse(path).iter(f"{SVG}text")]


def test_every_plot_is_there_as_svg_and_png(tmp_path: Path) -> None:
    paths = draw(study(), tmp_path / "new" / "plots")
    expected = {f"{plot.name}.{kind}" for plot in PLOTS for kind in ("svg", "png")}
    assert (
        {path.name for path in paths}
        == expected
        == {path.name for path in paths[0].parent.iterdir()}
    )
    assert {
        "curve-samples",
        "curve-generated",
        "curve-total",
        "differences",
        "pass-at-k",
        "pareto",
    } == {plot.name for plot in PLOTS}


def test_the_same_study_gives_the_same_bytes_whatever_the_configuration(tmp_path: Path) -> None:
    first = draw(study(), tmp_path / "first")
    with matplotlib.rc_context({"font.size": 20, "svg.hashsalt": None, "lines.linewidth": 9}):
        before = dict(matplotlib.rcParams)
        second = draw(study(), tmp_path / "second")
        assert dict(matplotlib.rcParams) == before
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_no_plot_says_when_or_with_what_it_was_made(tmp_path: Path) -> None:
    for path in draw(study(), tmp_path):
        data = path.read_bytes()
        assert b"Matplotlib v" not in data
        assert b"Software" not in data
        assert b"metadata" not in data


def test_a_name_is_shown_as_it_is(tmp_path: Path) -> None:
    names = {
        "_hidden": "_hidden",
        "$x$ and $": "$x$ and $",
        "$\\frac{": "$\\frac{",
        "<b>&": "<b>&",
        "caf\u00e9 \u6f22": "caf\u00e9 \\u6f22",
        "a\nb\x1b": "a b\\x1b",
        "n" * 50: "n" * 37 + "...",
    }
    arms = [repair(name).model_copy(update={"drafts": name}) for name in names]
    for path in draw(study(baseline(), *arms), tmp_path):
        if path.suffix == ".svg":
            assert set(names.values()) <= set(texts(path))


def test_every_arm_and_every_curve_of_draws_is_named(tmp_path: Path) -> None:
    arms = [repair(f"arm {number}") for number in range(12)]
    first, *curves, samples, front = (
        path for path in draw(study(*arms), tmp_path) if path.suffix == ".svg"
    )
    for path in (first, *curves, front):
        assert {arm.name for arm in arms} <= set(texts(path))
    for path in curves:
        assert "draws, tiered" in texts(path)
    assert any(text.startswith("arm 0, arm 1, ") for text in texts(samples))


def test_pass_at_k_is_drawn_at_the_k_that_are_known(tmp_path: Path) -> None:
    points = tuple(SampledRate(k=k, value=k / 40, low=0.0, high=1.0) for k in (1, 10, 20))
    arms = [
        repair(name).model_copy(update={"drafts": name, "sampled": points[:n]})
        for name, n in (("cold", 2), ("warm", 3))
    ]
    draw(study(*arms), tmp_path)
    assert {"1", "10", "20", "cold", "warm"} <= set(texts(tmp_path / "pass-at-k.svg"))


def test_eleven_arms_differ_in_colour_and_in_marker() -> None:
    looks = [look(number) for number in range(121)]
    colours, markers = zip(*looks[:11], strict=True)
    assert len(set(colours)) == len(set(markers)) == 11
    assert len(set(looks)) == 121


def test_a_wide_range_of_tokens_is_logarithmic_and_a_narrow_one_is_not(tmp_path: Path) -> None:
    def ticks(*samples: float) -> list[str]:
        points = tuple(
            SpendingPoint(samples=n, generated=n, total=n, passed=0.5, coverage=0) for n in samples
        )
        arm = baseline().model_copy(update={"points": points})
        bare = study(arm).model_copy(update={"curves": ()})
        draw(bare, tmp_path)
        return texts(tmp_path / "curve-total.svg")

    assert {"200", "500", "1,000", "2,000"} <= set(ticks(200, 4000))
    assert "1,500" in ticks(1000, 2000) or "1,600" in ticks(1000, 2000)
    # Tokens that were not recorded are zero, and zero has no logarithm.
    assert "0" in ticks(0, 4000)


@pytest.mark.parametrize(
    "found",
    [
        study().model_copy(update={"arms": (), "curves": ()}),
        study(baseline().model_copy(update={"points": ()})).model_copy(update={"curves": ()}),
        study(critic(HOSTILE).model_copy(update={"at_tokens": interval(0, 0, 0)})),
    ],
)
def test_little_or_nothing_can_be_drawn(tmp_path: Path, found: StudyResult) -> None:
    assert all(path.stat().st_size for path in draw(found, tmp_path))


def test_the_data_of_every_plot_are_those_of_the_result() -> None:
    found = {name: [*csv.reader(io.StringIO(text))] for name, text in plot_data(study()).items()}
    assert {*found} == {plot.name for plot in PLOTS}
    arms, draws = study().arms, study().curves
    points = sum(len(arm.points) for arm in arms) + sum(len(curve.points) for curve in draws)
    assert len(found["curve-total"]) == 1 + points
    assert found["curve-total"][1] == ["single shot", "200.0", "0.5"]
    assert ["critic", "draws at equal tokens", "-0.2", "-0.4", "-0.05"] in found["differences"]


def test_the_front_has_the_arms_that_no_cheaper_arm_reaches() -> None:
    dear = critic("dear")  # more tokens than the repair, and less right
    assert pareto_front(study(baseline(), repair(), dear)) == ["single shot", "error_feedback"]
    twin = repair("twin")
    assert pareto_front(study(repair(), twin)) == ["error_feedback"]
