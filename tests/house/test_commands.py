"""Every command: its help, its errors, a reader that leaves, and how quickly it answers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module

import pytest

from agent.__main__ import VERBS
from agent.support.data import ROOT

COMMANDS = sorted(
    {module for module, _ in VERBS.values()}
    | {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for path in (ROOT / "experiments").rglob("*.py")
        if "\n@command(" in path.read_text(encoding="utf-8")
    }
)
HEAVY = ("docker", "langgraph", "matplotlib", "numpy", "openai", "rich")
"""Packages that no help text needs."""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("module", COMMANDS)
def test_help_says_what_to_type(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        import_module(module).main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "usage: " in shown
    assert not re.search(r"tuple\[|\(default: (\(|None|\))|<class|\bPath\b|==SUPPRESS==", shown)


@pytest.mark.parametrize("module", COMMANDS)
def test_a_mistyped_option_is_one_line_with_the_name_of_the_command(
    module: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = {"experiments.study": ["repair"], "experiments.ablate": ["repair"]}
    needed = named.get(module, ["x"] * 3)
    for given in (["--halp"], [*needed, "--halp"]):
        assert import_module(module).main(given) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert re.match(rf"{re.escape(module)}: \S", said), said


def test_no_help_imports_what_it_does_not_need() -> None:
    code = f"""
import contextlib, importlib, json, sys
found = {{}}
for module in {COMMANDS!r}:
    try:
        with contextlib.redirect_stdout(None):
            importlib.import_module(module).main(["--help"])
    except SystemExit:
        found[module] = sorted(set({HEAVY!r}) & set(sys.modules))
print(json.dumps(found))
"""
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {module: [] for module in COMMANDS}


def test_conformance_is_like_the_others() -> None:
    done = run("-m", "sandbox.conformance", "--halp")
    assert done.returncode == 2
    assert re.fullmatch(r"sandbox\.conformance: .*\n", done.stderr)
