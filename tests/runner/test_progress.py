"""The progress of a run: live on a terminal, lines in a pipe, nothing if it is to be quiet."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from agent.run import main
from agent.runner.progress import Watcher
from agent.types import Trace
from tests.runner.test_run import recorded

USE = "500 tokens, 20 tokens/s, requests in flight: 3, sandbox 1 of 2 slots, 0 waiting"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the display reads: its only entry."""
    now = [100.0]
    # not the function itself: the event loops of servers in other threads read it too
    monkeypatch.setattr("agent.runner.progress.time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def watcher(*, terminal: bool = False, quiet: bool = False) -> tuple[Watcher, StringIO]:
    file = StringIO()
    return Watcher(Console(file=file, width=200, force_terminal=terminal), quiet=quiet), file


def trace(rounds: int, stopped: str = "passed") -> Trace:
    values: dict[str, Any] = {"rounds": rounds, "stopped": stopped}
    return Trace.model_construct(**values)


def test_a_pipe_gets_a_line_every_ten_seconds_and_one_at_the_end(clock: list[float]) -> None:
    shown, file = watcher()
    with shown:
        done = shown.watch(4)
        shown.show(USE)
        assert file.getvalue() == ""
        clock[0] += 1
        done(trace(0))  # read from the folder of a run that goes on
        shown.show(USE)
        clock[0] += 9
        shown.show(USE)
        assert file.getvalue() == (
            f"1/4 problems, 10.0 s elapsed; {USE}; "
            "1 stopped as passed (drafts: 1), 0 repair rounds\n"
        )
        clock[0] += 3
        done(trace(2))
        shown.show(USE)
        assert file.getvalue().count("\n") == 1
        clock[0] += 8
        shown.show(USE)
        line = file.getvalue().splitlines()[-1]
        assert line.startswith("2/4 problems, 21.0 s elapsed, about 42.0 s left, 2.9 problems/min")
        assert line.endswith("2 stopped as passed (drafts: 1, round 2: 1), 2 repair rounds")
        done(trace(3, "rounds"))
        done(None)
        shown.show(USE)
        assert (
            file.getvalue()
            .splitlines()[-1]
            .startswith("4/4 problems, 21.0 s elapsed, 8.6 problems/min; 5")
        )
        assert file.getvalue().endswith("5 repair rounds, 1 unscored\n")


def test_lines_in_a_pipe_become_rarer_as_a_run_goes_on(clock: list[float]) -> None:
    shown, file = watcher()
    with shown:
        shown.watch(2)
        for _ in range(3600):
            clock[0] += 1
            shown.show(USE)
    assert 60 < file.getvalue().count("\n") < 110


def test_a_line_on_a_wait_is_printed_once_in_a_pipe(clock: list[float]) -> None:
    shown, file = watcher()
    use = "500 tokens, waiting for a server until 12:00:00, requests in flight: 3"
    with shown:
        done = shown.watch(2)
        for _ in range(300):
            clock[0] += 1
            shown.show(use)
        assert file.getvalue().count("\n") == 1
        done(trace(0))
        clock[0] += 100
        shown.show(use)
        assert file.getvalue().count("\n") == 2


def test_a_terminal_shows_it_at_once_and_leaves_nothing_behind(clock: list[float]) -> None:
    shown, file = watcher(terminal=True)
    with shown:
        shown.watch(4)
        shown.show(USE)
        shown._bar.refresh()
        assert "requests in flight: 3" in file.getvalue()
        assert "0.0 s elapsed" in file.getvalue()
        assert "0/4" in file.getvalue()
        shown.say("a line that stays")
    assert "a line that stays" in file.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_quiet_shows_nothing_but_the_last_word_of_a_run_that_fails(
    clock: list[float], terminal: bool
) -> None:
    shown, file = watcher(terminal=terminal, quiet=True)
    with shown:
        shown.say("model: x")
        done = shown.watch(1)
        clock[0] += 60
        shown.show(USE)
        done(trace(0))
        shown.show(USE)
    assert file.getvalue() == ""
    shown.say("stopped; resume with: x")
    shown.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert file.getvalue() == "stopped; resume with: x\n"


def test_a_run_shows_its_progress_unless_it_is_told_not_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(recorded(tmp_path, "one")) == 0
    shown = capsys.readouterr().err
    assert "6/6 problems, " in shown
    assert "requests in flight: 0" in shown
    assert main(recorded(tmp_path, "two", "--quiet")) == 0
    assert capsys.readouterr().err == ""
    config = (tmp_path / "two/config.yaml").read_text()
    assert config == (tmp_path / "one/config.yaml").read_text()
