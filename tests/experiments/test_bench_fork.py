"""The cost of a job beside a bare fork: its parts, and one small real run. No timing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.bench import fork, fork_floor
from experiments.bench.fork import JobCost, cost, figures


def test_the_rows_compare_visible_tests_with_two_forks_of_the_same_round() -> None:
    floor = [JobCost(2.0, 300), JobCost(4.0, 302)]
    mine = {"visible tests": [JobCost(6.0, 600), JobCost(8.0, 600)], "trusted tests": floor}
    rows = [*figures(floor, mine)]
    assert rows[0].measured == "3 ms (2 to 4)"
    assert rows[-1].name == "visible tests against two forks"
    assert rows[-1].values == [1.5, 1.0]


async def test_a_batch_that_the_clock_does_not_see_took_one_tick() -> None:
    async def nothing(jobs: int) -> None:
        assert jobs == 4

    least = 1000 / os.sysconf("SC_CLK_TCK") / 4
    assert (await cost(nothing, 4)).milliseconds >= least


def test_the_floor_fails_if_a_child_does_not_answer() -> None:
    source = Path(fork_floor.__file__).read_text()
    wrong = source.replace("return x + 1", "return x")
    command = [sys.executable, "-c", wrong]
    found = subprocess.run(command, input="1\n", capture_output=True, text=True, check=False)
    assert found.stdout == ""
    assert "AssertionError" in found.stderr


def test_a_small_real_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("before\n{}\nold\n{}\n".format(*fork.MARKERS))
    monkeypatch.setattr("experiments.studies.markers.ROOT", tmp_path)
    assert fork.main(["--sandbox", "local", "--jobs", "3", "--repeat", "2", "--readme"]) == 0
    printed = capsys.readouterr().out
    assert "| visible tests against two forks | at most 1.5x |" in printed
    assert printed.strip() in (tmp_path / "README.md").read_text()
