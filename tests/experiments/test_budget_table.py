"""The table of budgets given to all problems alike or by need."""

from __future__ import annotations

import gzip
import json
from itertools import permutations
from pathlib import Path
from statistics import fmean

import pytest

from experiments.recorded import budget_table, parity
from experiments.recorded.budget_table import ComparedBudget, Drawable, difference, share
from experiments.recorded.parity import RecordedSet

EASY = Drawable("Own/0", 1, (1, 1, 0), ((True, True, False), (True, False, False)))
HARD = Drawable("Own/1", 2, (0, 1, 2), ((False, False, True), (False, False, True)))
BARE = Drawable("Own/2", 0, (0, 0, 0), ((True, False, False), (True, False, False)))


def test_the_figures_are_means_over_orders() -> None:
    found = share([EASY, HARD, BARE], 2, orders=3000)
    orders = [*permutations(range(3))]
    alike = [fmean(one.right(order[:2])[0] for order in orders) for one in (EASY, HARD, BARE)]
    assert found.alike[0] == pytest.approx(alike, abs=0.03)
    # One is drawn for BARE, and one or two for EASY: three at least are left for HARD.
    assert found.need[0] == pytest.approx([1, 1, 1 / 3], abs=0.03)
    assert found.need[1][0] == pytest.approx(1 / 2, abs=0.03)
    easy, hard = (fmean(one.length(order) for order in orders) for one in (EASY, HARD))
    assert found.drawn == pytest.approx((1 + easy + hard) / 3, abs=0.03)


def test_a_budget_that_is_short_is_spent_exactly() -> None:
    never = Drawable("Own/3", 1, (0, 0, 0), ((False, False, False),))
    found = share([never, never, never], 2, orders=5)
    assert (found.drawn, found.most) == (2, 2)


def test_a_difference_is_said_with_its_interval() -> None:
    assert difference([0.0] * 20, [1.0] * 20) == "+100.0 (+100.0 to +100.0)"
    assert difference([0.0, 0.0], [0.0, 1.0]) == "+50.0 (+0.0 to +100.0), not significant"


def test_a_small_set_is_measured_from_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prompt = 'def double(x):\n    """Twice.\n\n    >>> double(2)\n    4\n    """\n'
    test = "def check(candidate):\n    assert candidate(5) == 10\n"
    problem = {"task_id": "Own/0", "prompt": prompt, "entry_point": "double", "test": test}
    bodies = ["    return x - x\n", "    return 2 * x\n", "    return x + x\n", "    return\n"]
    folder = tmp_path / "own"
    folder.mkdir()
    for name, lines in (
        ("problems", [problem]),
        ("samples", [{"task_id": "Own/0", "completion": body} for body in bodies]),
    ):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    own = RecordedSet("own", "samples.jsonl.gz", 2, own_problems=True)
    monkeypatch.setattr(budget_table, "SETS", (own, *parity.SETS))
    monkeypatch.setattr(budget_table, "COMPARED", (ComparedBudget("own", "Ours", (1, 4)),))
    monkeypatch.setattr(budget_table, "PLUS", "nowhere.jsonl")
    monkeypatch.setattr(
        "experiments.recorded.selection.EXAMPLES", str(folder / "problems.jsonl.gz")
    )
    assert budget_table.main([str(tmp_path), "--sandbox", "local"]) == 0
    *_, one, four = capsys.readouterr().out.splitlines()
    assert one.startswith("| Ours | 1 | 1.00 | 1 | 5")
    assert four.startswith("| Ours | 4 | 1.6")
    assert "| 100.0 | 100.0 | +0.0 (+0.0 to +0.0), not significant |  |  |  |" in four
