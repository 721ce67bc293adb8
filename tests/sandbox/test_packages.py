"""Installed packages for the local backend: their files, requirements, and refusals in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import SandboxUnavailable
from sandbox.packages import find_packages


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of installed packages on the import path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(site: Path, name: str, files: str, *requires: str, version: str = "1.10") -> Path:
    """Install a package with files, given as paths between spaces. Return its folder of facts."""
    facts = site / f"{name}-{version}.dist-info"
    facts.mkdir()
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    (facts / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
    )
    paths = [*files.split(), f"{facts.name}/METADATA", f"{facts.name}/RECORD"]
    (facts / "RECORD").write_text("".join(f"{path},,\n" for path in paths))
    return facts


def test_only_what_the_record_lists_is_found(site: Path) -> None:
    install(
        site,
        "codeloopa",
        "codeloopa/__init__.py codeloopa/sub/__init__.py codeloopa/data.txt codeloopa_one.py "
        "__pycache__/codeloopa_one.cpython-311.pyc space/inner/__init__.py space/inner/x.py "
        "space/alone.py codeloopa.libs/libx.so ../../../bin/tool",
    )
    assert find_packages(["CodeLoopA==1.10.0"]) == {
        name: str(site / name)
        for name in (
            "codeloopa",
            "codeloopa_one.py",
            "space/inner",
            "space/alone.py",
            "codeloopa.libs/libx.so",
            "codeloopa-1.10.dist-info",
        )
    }


def test_what_a_package_requires_here_is_found_too(site: Path) -> None:
    install(
        site,
        "codeloopa",
        "a.py",
        "codeloopb>=1.0",
        'nonesuch; python_version < "3.9" and (sys_platform == "linux" or extra == "x")',
        "nonesuch[y]>1; extra == 'x'",
        "nonesuch~=2.0; platform_python_implementation not in 'CPython PyPy'",
    )
    install(
        site,
        "codeloopb",
        "b.py",
        "codeloopa; python_full_version ~= '3.9.0' or '3.9' <= python_version",
    )
    assert {"a.py", "b.py"} <= find_packages(["codeloopa"]).keys()
    install(site, "codeloopc", "c.py", "nonesuch (>=2) ; os_name == 'posix'")
    with pytest.raises(SandboxUnavailable, match="package nonesuch is not installed"):
        find_packages(["codeloopc"])


def test_a_package_that_is_not_there_is_refused_with_the_command(site: Path) -> None:
    install(site, "codeloopa", "a.py")
    facts = install(site, "codeloopb", "b.py")
    (facts / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {"editable": true}}')
    for package, complaint in (
        ("nonesuch", r"nonesuch is not installed: .* -m pip install nonesuch`"),
        ("codeloopa==1.1", r"codeloopa is installed as 1\.10, not 1\.1: .*codeloopa==1\.1`"),
        ("codeloopb", "codeloopb is installed in editable mode: "),
    ):
        with pytest.raises(SandboxUnavailable, match=rf"^the package {complaint}[^\n]*$"):
            find_packages([package])


def test_a_package_of_debian_is_found_by_its_top_level(site: Path) -> None:
    facts = site / "codeloopa-1.0.egg-info"
    facts.mkdir()
    (facts / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: codeloopa\nVersion: 1.0\n")
    (facts / "top_level.txt").write_text("codeloopa\ncodeloopa_one\n")
    (site / "codeloopa").mkdir()
    (site / "codeloopa" / "__init__.py").touch()
    (site / "codeloopa_one.py").touch()
    (site / "other.py").touch()
    assert find_packages(["codeloopa"]).keys() == {"codeloopa", "codeloopa_one.py"}
