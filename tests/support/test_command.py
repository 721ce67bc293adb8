"""The end of a command: exit codes, one line per error, a closed or full output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.errors import ConfigError, ModelError, UnreachableError
from agent.support import data
from agent.support.command import command, need_extra, out_file, program
from agent.support.data import ROOT, config_file, data_folder
from sandbox.types import SandboxUnavailable


def ends(error: BaseException | None, code: int = 0) -> int:
    @command("a.command")
    def main(argv: list[str]) -> int:
        """Raise the error or return the code."""
        if error is not None:
            raise error
        return code

    return main([])


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (None, 0, ""),
        (
            ConfigError("a: wrong\nb: wrong too"),
            2,
            "a.command: a: wrong\na.command: b: wrong too\n",
        ),
        (ModelError("it said\n\x1b[2J no"), 2, "a.command: it said \\x1b[2J no\n"),
        (SandboxUnavailable("no slot"), 2, "a.command: no slot\n"),
        (FileNotFoundError(2, "No such file", "x"), 2, "a.command: [Errno 2] No such file: 'x'\n"),
        (ModelError(), 2, "a.command: ModelError\n"),
        (UnreachableError("gone"), 3, "a.command: gone\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_an_error_is_shown_as_lines_and_sets_the_exit_code(
    error: BaseException | None, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(error) == code
    assert capsys.readouterr().err == said


def test_other_exit_codes_and_unexpected_errors_pass_through() -> None:
    assert ends(None, 1) == 1
    with pytest.raises(ZeroDivisionError):
        ends(ZeroDivisionError())


@pytest.mark.parametrize(
    ("started", "shown"),
    [
        ("/x/bin/codeloop", "codeloop run"),
        ("/x/agent/__main__.py", "python -m agent run"),
        ("/x/agent/run.py", "python -m agent.run"),
        ("-c", "python -m agent.run"),
    ],
)
def test_a_usage_line_says_how_the_command_was_started(
    started: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [started])
    assert program("agent.run") == shown


def test_an_output_file_needs_its_folder_and_an_extra_its_package(tmp_path: Path) -> None:
    assert out_file(None) is None
    assert out_file(tmp_path / "new.json") == tmp_path / "new.json"
    with pytest.raises(ConfigError, match=r"out: .*gone is not a directory"):
        out_file(tmp_path / "gone" / "new.json")
    need_extra("json", "plots")
    with pytest.raises(ConfigError, match=r"nowhere_at_all is not installed: pip install .*plots"):
        need_extra("nowhere_at_all", "plots")


def test_data_are_found_in_a_checkout_and_in_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    preset = Path("configs/models/qwen3-0.6b.yaml")
    assert config_file(preset) == data_folder("configs") / "models" / "qwen3-0.6b.yaml"
    assert config_file(Path("configs/none.yaml")) == Path("configs/none.yaml")
    assert config_file(Path("own.yaml")) == Path("own.yaml")
    own = tmp_path / preset
    own.parent.mkdir(parents=True)
    own.touch()
    assert config_file(preset) == preset
    (tmp_path / "_data" / "prompts").mkdir(parents=True)
    monkeypatch.setattr(data, "_PACKAGE", tmp_path)
    assert data_folder("prompts") == tmp_path / "_data" / "prompts"


def shell(line: str) -> subprocess.CompletedProcess[str]:
    own = {**os.environ, "PYTHON": sys.executable}
    own.pop("PYTHONUNBUFFERED", None)
    command = ("bash", "-o", "pipefail", "-c", line)
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", ["plugins", "--help", "--version", "show --help", "examples"])
def test_a_closed_or_full_stdout_causes_no_traceback(words: str) -> None:
    closed = shell(f"$PYTHON -m agent {words} >&-")
    assert (closed.returncode, closed.stderr) == (0, "")
    gone = shell(f"$PYTHON -m agent {words} | true")
    assert (gone.returncode, gone.stderr) == (0, "")
    full = shell(f"$PYTHON -m agent {words} > /dev/full")
    assert full.returncode == 2
    assert full.stderr.count("\n") == 1
    assert "No space left on device" in full.stderr
