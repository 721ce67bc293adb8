"""The command `python -m sandbox.conformance`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sandbox import conformance
from sandbox.base import Sandbox
from sandbox.checks import Check, CheckError


async def _kept(box: Sandbox) -> None:
    """Pass."""


async def _broken(box: Sandbox) -> None:
    """Fail."""
    raise CheckError("the wall has a hole")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox.conformance", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [["nowhere"], ["local", "--nothing"]])
def test_bad_usage_is_reported_in_one_line(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_it_has_help() -> None:
    assert run("--help").returncode == 0


def test_a_missing_engine_is_reported_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    assert conformance.main(["docker"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("as_json", [False, True])
def test_a_broken_promise_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    checks = [Check("good", _kept, ()), Check("bad", _broken, ()), Check("far", _broken, ("moon",))]
    monkeypatch.setattr(conformance, "CHECKS", checks)
    arguments = ["local", "--allow-weak", *(["--json"] if as_json else [])]
    assert conformance.main(arguments) == 1
    printed = capsys.readouterr().out
    if as_json:
        report = json.loads(printed)
        assert report["broken"] == 1
        assert [one["result"] for one in report["checks"]] == [
            "kept",
            "BROKEN",
            "not promised here",
        ]
    else:
        assert "BROKEN  bad  the wall has a hole" in printed
    checks.pop(1)
    assert conformance.main(arguments) == 0
