"""The table of the gain of edge inputs, and one small set from its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.recorded import edge_gain, selection
from experiments.recorded.edge_gain import Gain
from experiments.recorded.parity import RecordedSet
from tests.experiments.test_selection import write_lines


def test_a_row_has_both_benchmarks_and_the_last_row_the_means_of_the_sets() -> None:
    gains = [
        Gain("own", 2, [(0.5, 1.0), (1.0, 0.75), (0.0, 0.0), (0.0, 0.0)], [(0.0, 1.0), (0.5, 0.5)]),
        Gain("other", 3, [(0.0, 0.0)], []),
    ]
    _, _, own, other, means = edge_gain.table(gains)
    assert own == "| own | 2 | 37.50 | 43.75 | +6.25 | 1, 1 | 25.00 | 75.00 | +50.00 | 1, 0 |"
    assert other == "| other | 3 | 0.00 | 0.00 | +0.00 | 0, 0 |  |  |  |  |"
    assert means == "| mean of the sets | | | | +3.12 | | | | +50.00 | |"


def test_a_small_set_is_measured_with_and_without_edge_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # All pass the example and give the same on its mutants; the first one fails for [].
    # One example forbids nothing.
    prompt = 'def most(values):\n    """The largest.\n\n    >>> most([3, 5, 4])\n    5\n    """\n'
    test = "def check(candidate):\n    assert candidate([]) is None\n"
    problem = {"task_id": "Own/0", "prompt": prompt, "entry_point": "most", "test": test}
    bodies = [
        "    return max(values)\n",
        "    return max(values, default=None)\n",
        "    return max(values) if values else None\n",
        "    return sorted(values)[-1] if values else None\n",
    ]
    folder = tmp_path / "own"
    folder.mkdir()
    write_lines(folder / "problems.jsonl.gz", [problem])
    write_lines(
        folder / "samples.jsonl.gz", [{"task_id": "Own/0", "completion": b} for b in bodies]
    )
    own = RecordedSet("own", "samples.jsonl.gz", 3, own_problems=True)
    monkeypatch.setattr(edge_gain, "SETS", (own,))
    monkeypatch.setattr(edge_gain, "MORE", ())
    monkeypatch.setattr(edge_gain, "PLUS", str(folder / "problems.jsonl.gz"))
    monkeypatch.setattr(selection, "EXAMPLES", str(folder / "problems.jsonl.gz"))
    assert edge_gain.main([str(tmp_path), "--sandbox", "local"]) == 0
    assert capsys.readouterr().out.splitlines()[2] == (
        "| own/samples | 4 | 75.00 | 100.00 | +25.00 | 1, 0 | 75.00 | 100.00 | +25.00 | 1, 0 |"
    )


def test_a_text_that_no_set_has_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edge_gain.main([str(tmp_path), "--only", "nothing"]) == 2
    assert "no set's folder name contains 'nothing'" in capsys.readouterr().err
