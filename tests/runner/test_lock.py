"""One process per run folder; runs that share a store; the newest run by name."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.errors import RunFolderError
from agent.run import main
from agent.runner.folder import RunFolder, new_folder, point_latest_at, runs_in
from agent.runner.lock import LOCK, locked
from agent.support.data import ROOT
from tests.runner.test_run import arguments, read_lines, recorded

HOLDER = """
import sys, time
from pathlib import Path
from agent.runner.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that works in the run folder `run`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "run")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.mark.parametrize("again", [False, True])
def test_a_folder_in_use_is_refused_with_the_process_that_uses_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], again: bool, request: pytest.FixtureRequest
) -> None:
    if again:
        assert main(recorded(tmp_path, "run")) == 0
    before = sorted((tmp_path / "run").rglob("*")) if again else []
    holder: subprocess.Popen[str] = request.getfixturevalue("holder")
    given = ["--resume", str(tmp_path / "run")] if again else recorded(tmp_path, "run")
    try:
        capsys.readouterr()
        assert main(given) == 2
        said = capsys.readouterr().err.splitlines()[-1]
        who = f"process {holder.pid} on {socket.gethostname()}"
        assert said.startswith(f"agent.run: {tmp_path / 'run'}: in use by {who}; wait for it")
        kept = sorted((tmp_path / "run").rglob("*"))
        assert kept == (before or [tmp_path / "run" / LOCK])
    finally:
        end(holder)
    assert main(given) == 0


def test_the_lock_ends_with_the_work_and_removes_what_was_half_written(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    half = tmp_path / "summary.json.123.tmp", tmp_path / "traces" / "a.json.9.tmp"
    own = tmp_path / "notes.tmp"
    for path in (*half, own):
        path.touch()
    (tmp_path / "folder.1.tmp").mkdir()
    with locked(tmp_path):
        assert not any(path.exists() for path in half)
        assert own.exists()
        with pytest.raises(RunFolderError, match=f"in use by process {os.getpid()} on "):
            locked(tmp_path).__enter__()
    with locked(tmp_path):
        pass
    assert (tmp_path / LOCK).read_text() == ""


def test_a_folder_of_something_else_gets_no_lock(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").touch()
    assert main(recorded(tmp_path, "run")) == 2
    assert "not empty; give another --out" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.tex"]


def test_two_runs_of_one_second_get_two_folders(tmp_path: Path) -> None:
    made = {new_folder(tmp_path / "runs") for _ in range(20)}
    assert len(made) == 20
    assert all(path.is_dir() for path in made)
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match="cannot be created: Not a directory"):
        new_folder(tmp_path / "file")


def test_latest_names_the_newest_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = recorded(tmp_path, "elsewhere")
    assert main(given) == 0
    assert not (tmp_path / "latest").exists()  # only in runs/
    at = given.index("--out")
    own = [*given[:at], *given[at + 2 :]]
    assert main(own) == 0
    first = (tmp_path / "runs" / "latest").resolve()
    assert main([*own, "--out", "runs/named"]) == 0
    assert (tmp_path / "runs" / "latest").readlink() == Path("named")
    assert main(["--resume", "runs/latest"]) == 0
    assert {run.path.name for run in runs_in(Path("runs"))} == {first.name, "named"}
    (tmp_path / "runs" / "latest").unlink()
    (tmp_path / "runs" / "latest").mkdir()
    point_latest_at(first)  # a folder of the user's own stays
    assert (tmp_path / "runs" / "latest").is_dir()


def start(*given: str, stderr: Path) -> subprocess.Popen[bytes]:
    with stderr.open("w") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "agent.run", *given],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=file,
        )


EMBEDDED = ("--model", "embedded", "--draft.n", "2", "--rounds", "1")


def test_two_runs_share_a_store_at_the_same_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("a", "b")
    both = [
        start(*arguments(tmp_path, name, *EMBEDDED), stderr=tmp_path / f"{name}.err")
        for name in names
    ]
    for name, process in zip(names, both, strict=True):
        assert process.wait(300) == 0, (tmp_path / f"{name}.err").read_text()
    found = [read_lines(tmp_path / name / "results.jsonl") for name in names]
    assert found[0] == found[1]
    assert main(arguments(tmp_path, "c", *EMBEDDED)) == 0
    assert "answers: 0 from the model" in capsys.readouterr().err


def test_a_killed_run_leaves_no_warning_behind(tmp_path: Path) -> None:
    log = tmp_path / "err"
    process = start(*arguments(tmp_path, "run", *EMBEDDED), stderr=log)
    deadline = time.monotonic() + 120
    while "run: " not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)  # the workers start
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 60
    while _children_of(log) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "resource_tracker" not in log.read_text()
    assert json.loads((tmp_path / "run" / "starts.json").read_text())  # the start is counted


def _children_of(log: Path) -> list[str]:
    """Return the processes that still have the log open: those that the killed one left."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/2"):
        try:
            if link.readlink() == log:
                found.append(link.parts[2])
        except OSError:  # it has just ended
            continue
    return found


def test_the_wall_time_of_every_start_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "run")) == 0
    folder = RunFolder.open(tmp_path / "run")
    folder.write("starts.json", "[163.0]\n")  # as if that start had taken long
    assert main(["--resume", str(folder.path)]) == 0
    report = folder.report()
    assert report is not None
    assert report.starts[0] == 163.0
    assert len(report.starts) == 2
    assert report.seconds == pytest.approx(sum(report.starts), abs=0.11)
    assert "in 2 starts: 2 min 43 s, " in capsys.readouterr().out
    (folder.path / "starts.json").unlink()  # a run of before there was such a file
    assert main(["--resume", str(folder.path)]) == 0
    again = folder.report()
    assert again is not None
    assert again.starts[:2] == report.starts
    folder.write("starts.json", '{"a": 1}')
    assert main(["--resume", str(folder.path)]) == 2
    assert "starts.json: not a list of seconds" in capsys.readouterr().err
