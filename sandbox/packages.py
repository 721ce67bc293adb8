"""Installed packages that programs of the local backend may import, with those they require.

Only the files that a package's own record lists are found, and nothing that lies beside them. A
package in editable mode is NOT found: its record does not list its modules.
"""

from __future__ import annotations

import ast
import operator
import os
import platform
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import Any

from sandbox.types import SandboxUnavailable

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)[^;]*;?(.*)", re.DOTALL)
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


def find_packages(packages: Iterable[str]) -> dict[str, str]:
    """Return the files and folders of packages by their names in an import path.

    Raises SandboxUnavailable if a package or one that it requires is not installed, or if its
    version is not the one that is asked for.
    """
    found: dict[str, Distribution] = {}
    waiting = [(*package.split("==", 1), "") for package in packages]
    while waiting:
        name, *version = waiting.pop()
        item = _installed(name, version[0])
        if item.name not in found:
            found[item.name] = item
            waiting += [(required, "") for required in _required(item)]
    return {
        entry.as_posix(): os.path.realpath(str(item.locate_file(entry)))
        for item in found.values()
        for entry in _entries(item)
    }


def check_private(private: Iterable[Path], readable: Iterable[str]) -> None:
    """Raise SandboxUnavailable if a private path lies below one that programs may read."""
    open_paths = {os.path.realpath(path) for path in readable}
    for path in private:
        real = path.resolve()
        if found := open_paths & {str(real), *map(str, real.parents)}:
            raise SandboxUnavailable(
                f"programs could read {path}, which belongs to {found.pop()}: keep it elsewhere"
            )


def _installed(name: str, version: str) -> Distribution:
    wanted = f"{name}=={version}" if version else name
    advice = f"run `{sys.executable} -m pip install {wanted}`, or use --sandbox docker"
    try:
        item = distribution(name)
    except PackageNotFoundError:
        raise SandboxUnavailable(f"the package {name} is not installed: {advice}") from None
    if version and _release(version) != _release(item.version):
        raise SandboxUnavailable(
            f"the package {name} is installed as {item.version}, not {version}: {advice}"
        )
    if '"editable": true' in (item.read_text("direct_url.json") or ""):
        raise SandboxUnavailable(f"the package {name} is installed in editable mode: {advice}")
    return item


def _required(item: Distribution) -> Iterator[str]:
    """Yield the names of the packages that a package requires here, without its extras."""
    for line in item.requires or ():
        match = _REQUIREMENT.fullmatch(line.replace("~=", ">="))
        marker = match[2].strip() if match else ""
        if match and (not marker or _holds(ast.parse(marker, mode="eval").body)):
            yield match[1]


def _holds(marker: ast.AST) -> bool:
    """Whether a requirement's marker holds here. It is a comparison, or several with and, or."""
    if isinstance(marker, ast.BoolOp):
        every = isinstance(marker.op, ast.And)
        return (all if every else any)(map(_holds, marker.values))
    if not isinstance(marker, ast.Compare):
        return True
    left, right = marker.left, marker.comparators[0]
    versions = any(isinstance(side, ast.Name) and "version" in side.id for side in (left, right))
    read: Callable[[str], object] = _release if versions else str
    return _COMPARISONS[type(marker.ops[0])](read(_text(left)), read(_text(right)))


def _text(side: ast.AST) -> str:
    """Return the text of one side of a marker: a literal, or a fact of this interpreter."""
    if isinstance(side, ast.Constant):
        return str(side.value)
    facts = {
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "python_full_version": platform.python_version(),
        "implementation_name": sys.implementation.name,
        "platform_python_implementation": platform.python_implementation(),
        "sys_platform": sys.platform,
        "platform_system": platform.system(),
        "platform_machine": platform.machine(),
        "os_name": os.name,
    }
    return facts.get(side.id, "") if isinstance(side, ast.Name) else ""


def _release(version: str) -> tuple[int | str, ...]:
    """Return the parts of a version, so that 1.10 is above 1.9, and 1.2.0 is 1.2."""
    parts = re.findall(r"\d+|[a-z]+", version.lower())
    while parts[1:] and parts[-1] == "0":
        parts.pop()
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _entries(item: Distribution) -> set[PurePosixPath]:
    """Return the files and folders that belong to a package alone, relative to its place."""
    files = [PurePosixPath(file) for file in item.files or ()]
    names = (item.read_text("top_level.txt") or "").split()
    if not item.read_text("RECORD"):  # Debian's packages have none
        place = Path(str(item.locate_file("")))
        files = [
            PurePosixPath(path.relative_to(place))
            for name in names
            for path in (*place.glob(f"{name}/__init__.py"), *place.glob(f"{name}.*"))
        ]
    files = [file for file in files if not {"..", "__pycache__"} & {*file.parts[:1]}]
    whole = {file.parent for file in files if file.name in ("__init__.py", "METADATA")}
    return {_outermost(file, whole - {PurePosixPath()}) for file in files}


def _outermost(file: PurePosixPath, whole: set[PurePosixPath]) -> PurePosixPath:
    """Return the outermost folder of a file that belongs to its package as a whole, else itself."""
    return next((parent for parent in reversed(file.parents) if parent in whole), file)
