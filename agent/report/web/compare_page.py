"""The page of two runs side by side, on the problems that both scored."""

from __future__ import annotations

from collections.abc import Sequence

from agent.report.web.problem_data import LEGEND, Json, problem_data
from agent.report.web.run_data import problem_line
from agent.report.web.run_page import CHUNK, packed, rendered
from agent.support.safe_text import visible
from agent.types import Trace

Side = tuple[str, str, str]
"""A figure: its name, and its value for the first and for the second run."""


def compare_page(
    names: tuple[str, str],
    pairs: Sequence[tuple[Trace, Trace]],
    verdict: str,
    difference: str,
    sides: Sequence[Side],
    notes: Sequence[str] = (),
) -> str:
    """Return the page as HTML. The problems that only one run solves come first.

    `pairs` are the traces of the problems that both runs scored. `verdict` and `difference` compare
    the second run with the first, in words and in figures.
    """
    rows = [(_row(*pair), pair) for pair in pairs]
    ordered = sorted(rows, key=lambda one: not one[0]["change"])
    title = f"{names[0]} and {names[1]}"
    site: Json = {
        "name": visible(title),
        "runs": [visible(name) for name in names],
        "verdict": visible(verdict),
        "difference": visible(difference),
        "notes": [visible(note) for note in notes],
        "sides": [[visible(cell) for cell in side] for side in sides],
        "rows": [row for row, _ in ordered],
        "legend": LEGEND,
        "chunk": CHUNK,
    }
    chunks = [
        [
            packed([problem_data(pair[side]) for _, pair in ordered[start : start + CHUNK]])
            for start in range(0, len(ordered), CHUNK)
        ]
        for side in (0, 1)
    ]
    return rendered(title, packed(site), *chunks)


def _row(first: Trace, second: Trace) -> Json:
    one, two = problem_line(first), problem_line(second)
    solved = [line["final"] == "passed" for line in (one, two)]
    change = "" if solved[0] == solved[1] else "gained" if solved[1] else "lost"
    return {
        "id": one["id"],
        "entry": one["entry"],
        "change": change,
        "first": one["final"],
        "second": two["final"],
        "firstBy": _by(one),
        "secondBy": _by(two),
        "firstTokens": one["tokens"],
        "secondTokens": two["tokens"],
    }


def _by(line: Json) -> str:
    made = f"round {line['round']}" if line["round"] else "draft"
    return str(line["patch"] or made)
