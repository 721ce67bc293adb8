"""The documentation: it builds, its commands exist, and those marked as runnable run."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import agent
from agent.__main__ import VERBS
from agent.support.data import ROOT
from tests.docs.pages import PAGES, commands, fences

OTHERS = frozenset(
    {
        *(".", "cd", "cp", "curl", "docker", "export", "git", "gzip", "langgraph", "mkdir", "pip"),
        *("printf", "python"),
    }
)
"""Programs whose options are not ours to check."""


@cache
def options(module: str) -> frozenset[str]:
    """Return the options that a command's help names."""
    shown = io.StringIO()
    with redirect_stdout(shown), pytest.raises(SystemExit):
        import_module(module).main(["--help"])
    found = frozenset(re.findall(r"(?<![\w-])-{1,2}[a-z][\w.-]*", shown.getvalue()))
    if module in ("experiments.study", "experiments.analyse"):  # they take those of a run
        found |= options("agent.run")
    if module in ("agent.run", "agent.score", "agent.select", "experiments.study"):
        found |= {"--model", "--sandbox", "--k", "--n", "-q"}  # short forms
    return found


def module_and_words(words: list[str]) -> tuple[str, list[str]] | None:
    """Return the module that a command starts, and the words for it; None if it is not ours."""
    program, *rest = words
    if program == "codeloop":
        return (VERBS[rest[0]][0], rest[1:]) if rest[:1] and rest[0] in VERBS else None
    if program.endswith("python") and rest[:1] == ["-m"]:
        if rest[1] == "agent" and rest[2:3] and rest[2] in VERBS:
            return VERBS[rest[2]][0], rest[3:]
        if rest[1].partition(".")[0] in ("agent", "experiments", "sandbox") and "." in rest[1]:
            return rest[1], rest[2:]
    if program == "docker" and "runner" in rest:
        return "agent.run", rest[rest.index("runner") + 1 :]
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for words in commands(page):
        while re.fullmatch(r"[A-Z_]+=.*", words[0]) and len(words) > 1:
            words = words[1:]
        shown = shlex.join(words)
        if words[0] == "make":
            named = [word for word in words[1:] if "=" not in word and word != "..."]
            assert set(named) <= targets, shown
        elif (found := module_and_words(words)) is not None:
            module, given = found
            given = given[: given.index("|")] if "|" in given else given
            unknown = {word.partition("=")[0] for word in given if re.match(r"--?[a-z]", word)}
            assert unknown - options(module) <= {"-h", "--help"}, shown
        else:
            assert words[0].rpartition("/")[2] in {*OTHERS, "codeloop"}, shown


def test_the_pages_build_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert (tmp_path / "site" / "quickstart.html").is_file()


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def test_the_page_of_the_package_lists_all_that_it_offers() -> None:
    text = (ROOT / "docs" / "python-api.md").read_text("utf-8")
    section = text.partition("## What the package offers")[2].partition("## ")[0]
    first = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)", " ".join(first))) == sorted(agent.__all__)


def test_the_list_for_language_models_names_every_page() -> None:
    text = (ROOT / "llms.txt").read_text("utf-8")
    linked = set(re.findall(r"\]\(([^)]+)\)", text))
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= linked
    assert all((ROOT / target).is_file() for target in linked)


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(fence.runnable for fence in fences(page))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_what_a_page_marks_as_runnable_runs(
    page: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In a folder of its own, which shows what a checkout has, with `runs/` empty.

    The pages share a store, so that the embedded model is asked once for what several ask for.
    """
    for name in ("configs", "docs", "prompts", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    own = {name: value for name, value in os.environ.items() if not name.startswith("AGENT_")}
    own |= {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "AGENT_SANDBOX__BACKEND": "local",
        "AGENT_STORE": str(tmp_path_factory.getbasetemp() / "docs-store.sqlite"),
    }
    for fence in fences(page):
        if not fence.runnable:
            continue
        program = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
        done = subprocess.run(
            [*program[fence.language], fence.text],
            cwd=tmp_path,
            env=own,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{fence.text}\n{done.stdout}\n{done.stderr}"
