"""The layout of the code: imports between packages, size budgets, and the cost of imports."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import agent
from agent import errors
from agent.__main__ import VERBS
from agent.errors import AgentError
from agent.selection import SELECTORS
from agent.support.data import ROOT
from experiments.studies.analysis import selector_files

PACKAGE = ROOT / "agent"
OPTIONAL = ("report", "synthesiser", "extras", "repair/patches")
"""Folders of `agent/` that the budget of the core does not count."""
STABLE = ("audit", "examples", "run", "sanitize", "score", "select", "show")


def lines(path: Path) -> int:
    """Return the number of non-blank lines."""
    return sum(bool(line.strip()) for line in path.read_text("utf-8").splitlines())


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "_data" not in path.parts)


def is_optional(path: Path) -> bool:
    return path.relative_to(PACKAGE).as_posix().startswith(tuple(f"{name}/" for name in OPTIONAL))


def budgets() -> dict[str, tuple[int, int]]:
    """Return size and limit by name of the budget."""
    core = [path for path in sources(PACKAGE) if not is_optional(path)]
    commands = [PACKAGE / f"{name}.py" for name in STABLE]
    commands += sources(PACKAGE / "commands")
    verbs = [ROOT / f"{module.replace('.', '/')}.py" for module, _ in VERBS.values()]
    with (ROOT / "pyproject.toml").open("rb") as file:
        dependencies = tomllib.load(file)["project"]["dependencies"]
    return {
        "agent/, core": (sum(map(lines, core)), 17_350),
        "agent/, longest file of the core": (max(map(lines, core)), 360),
        "agent/loop/graph.py": (lines(PACKAGE / "loop" / "graph.py"), 150),
        "agent/synthesiser/": (sum(map(lines, sources(PACKAGE / "synthesiser"))), 2_400),
        "sandbox/": (sum(map(lines, sources(ROOT / "sandbox"))), 7_260),
        "longest command": (max(map(lines, {*commands, *verbs})), 60),
        "files at the top of agent/": (len([p for p in PACKAGE.iterdir() if p.is_file()]), 15),
        "direct dependencies of the core": (len(dependencies), 10),
    }


def test_nothing_grows_beyond_its_budget() -> None:
    table = [f"{name:<36} {has:>6,} of {may:,}" for name, (has, may) in budgets().items()]
    print("\n".join(table))
    assert [
        line for line, (has, may) in zip(table, budgets().values(), strict=True) if has > may
    ] == []


def lint_imports(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def copied(tmp_path: Path) -> Path:
    for name in ("agent", "sandbox", "experiments"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_run_one_way() -> None:
    code, said = lint_imports(ROOT)
    assert code == 0, said


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("agent/loop/steps.py", "from agent.evaluation.hidden import load_hidden"),
        ("agent/selection/selectors/tiered.py", "from agent.evaluation.stats import wilson"),
        ("agent/repair/strategies/trace.py", "from agent.evaluation import hidden"),
        ("agent/visible_tests/executor.py", "import agent.evaluation.scoring"),
        ("agent/models/store.py", "from agent.datasets.records import source_of"),
        ("agent/loop/steps.py", "from agent.datasets import source_of"),
        ("agent/types.py", "from agent.config import RunConfig"),
        ("agent/support/files.py", "from agent.runner.folder import RunFolder"),
        ("agent/synthesiser/words.py", "from agent.parsing.source import parse"),
        ("agent/report/build.py", "from agent.extras.export import csv"),
        ("agent/extras/export/csv.py", "from agent.runner.folder import RunFolder"),
        ("sandbox/types.py", "from agent.errors import AgentError"),
        ("agent/runner/run.py", "from agent.run import main"),
        ("agent/runner/run.py", "from experiments.studies import arms"),
    ],
)
def test_a_forbidden_import_breaks_the_contract(tmp_path: Path, importer: str, line: str) -> None:
    folder = copied(tmp_path)
    path = folder / importer
    path.write_text(f"{path.read_text()}\n\ndef late() -> None:\n    {line}\n")
    code, said = lint_imports(folder)
    assert code == 1
    assert "BROKEN" in said


def test_no_circle() -> None:
    graph = grimp.build_graph("agent", "experiments", "sandbox", cache_dir=None)
    needs = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    # `agent/__init__.py` imports the names that it exports only on access.
    needs["agent"] = set()
    assert len([*TopologicalSorter(needs).static_order()]) > 200


def imported_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_face_imports_nothing_heavy() -> None:
    heavy = {"pydantic", "langgraph", "openai", "docker", "rich", "jinja2", "yaml"}
    assert not heavy & imported_by("import agent")
    assert not heavy & imported_by("from agent import AgentError, __version__")


def test_the_face_has_what_it_names() -> None:
    assert set(agent.__all__) <= set(dir(agent))
    assert all(getattr(agent, name) is not None for name in agent.__all__)
    with pytest.raises(AttributeError, match="no attribute 'solver'"):
        agent.solver  # noqa: B018 - the access is the test


def test_no_selector_and_no_strategy_reaches_the_hidden_tests() -> None:
    loaded = imported_by(
        "from agent.selection import SELECTORS\n"
        "from agent.repair import STRATEGIES\n"
        "from agent.visible_tests import SOURCES\n"
        "from agent.answers import EXTRACTORS\n"
        "for kind in (SELECTORS, STRATEGIES, SOURCES, EXTRACTORS):\n"
        "    assert [kind.load(name) for name in kind.names()]\n"
        "import agent.loop.graph"
    )
    assert {"agent.selection.selectors.tiered", "agent.repair.strategies.rex"} <= loaded
    assert not {name for name in loaded if name.startswith("agent.evaluation")}


def defined_errors() -> list[type[BaseException]]:
    """Return the exceptions that modules of `agent` define."""
    found = []
    for module in pkgutil.walk_packages([str(PACKAGE)], "agent."):
        # The first runs alone inside the sandbox, and the second runs when it is imported.
        if module.name in ("agent.repair.watch.inside", "agent.__main__"):
            continue
        for _, value in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(value, BaseException) and value.__module__ == module.name:
                found.append(value)
    return found


def test_every_error_is_in_the_tree() -> None:
    found = defined_errors()
    assert AgentError in found
    assert all(issubclass(one, AgentError) and one.__module__ == errors.__name__ for one in found)
    for one in found:
        assert f" {one.__name__} " in f"{errors.__doc__}".replace("\n", " \n"), one


def test_the_core_runs_without_what_is_optional(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    shutil.rmtree(folder / "agent" / "extras")
    for name in ("prompts", "configs", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "README.md", folder)
    chosen = ("tests/loop", "tests/repair/test_strategies.py", "tests/test_settings.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen],
        cwd=folder,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


ENTRY_POINTS = {
    "experiments/bench/fork_floor.py": "is the bare peer of a benchmark",
    "experiments/bench/peers.py": "runs in the Python of another project",
    "experiments/bench/timed_run.py": "is agent.run, with a clock",
}
"""Files with a `main` that is not a separate command, and the reason."""


def test_every_command_ends_like_the_others() -> None:
    paths = [*sources(PACKAGE), *sources(ROOT / "experiments")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    commands = {name: text for name, text in texts.items() if "\ndef main(" in text}
    assert len(commands) > 20
    assert {name for name, text in commands.items() if "\n@command(" not in text} == {*ENTRY_POINTS}
    own_ways = [
        name
        for name, text in commands.items()
        if name not in ENTRY_POINTS
        and ("except KeyboardInterrupt" in text or "file=sys.stderr)\n        return" in text)
    ]
    assert own_ways == ["experiments/study.py"]  # it prints how to continue


def test_dataset_files_make_neither_problems_nor_hidden_tests() -> None:
    for path in [
        *sources(PACKAGE / "datasets" / "benchmarks"),
        PACKAGE / "datasets" / "records.py",
    ]:
        assert not {"Problem", "HiddenTest"} & set(re.findall(r"\w+", path.read_text("utf-8"))), (
            path
        )
    makers = [p for p in sources(PACKAGE) if "HiddenTest(" in p.read_text("utf-8")]
    assert makers == [PACKAGE / "evaluation" / "hidden.py"]


def test_a_study_knows_all_the_code_that_a_selector_is_made_of() -> None:
    names = {path.relative_to(PACKAGE).as_posix() for path in selector_files()}
    assert {f"selection/selectors/{name}.py" for name in SELECTORS.names()} <= names
    assert {"selection/__init__.py", "selection/pool.py", "loop/steps.py"} <= names


def modules_named(text: str) -> set[str]:
    """Return the words of a text that look like one of our modules."""
    words = re.findall(r"(?<![\w./-])(?:agent|experiments)(?:\.[a-z_]\w*)+", text)
    return {".".join(word.split(".")[:2]) for word in words}


def test_texts_name_no_module_that_is_gone() -> None:
    known = {f"{m.name}" for m in pkgutil.iter_modules([str(PACKAGE)], "agent.")}
    known |= {m.name for m in pkgutil.iter_modules([str(ROOT / "experiments")], "experiments.")}
    texts = [
        *sources(PACKAGE),
        *sources(ROOT / "experiments"),
        ROOT / "README.md",
        ROOT / "Makefile",
    ]
    # Its text is part of every watched program: any change would change the recordings.
    frozen = PACKAGE / "repair" / "watch" / "inside.py"
    gone = {
        path: modules_named(path.read_text("utf-8")) - known for path in texts if path != frozen
    }
    assert {path: names for path, names in gone.items() if names} == {}
