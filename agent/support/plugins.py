"""Plug-ins: one file each, found by its name in a package of ours or by its path.

A file given by path is the user's own code and is trusted like it: it runs in this process with all
its rights. It is checked when it is loaded, before anything is asked of a model: that it can be
imported, and that it has the functions of its kind with their parameters. What its functions return
is checked at each call.
"""

from __future__ import annotations

import hashlib
import inspect
import pkgutil
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from agent.errors import AgentError, PluginError, UnknownPluginError

_PREFIX = "codeloop_plugin_"


@dataclass(frozen=True)
class Function:
    """A function that every plug-in of a kind has."""

    name: str
    parameters: tuple[str, ...]
    gives: str
    """What it returns, in words."""
    accepts: Callable[..., bool]
    """Whether a returned value, told with the arguments of the call, is that."""
    is_async: bool = False
    is_optional: bool = False

    def __str__(self) -> str:
        head = "async def" if self.is_async else "def"
        return f"{head} {self.name}({', '.join(self.parameters)})"


@dataclass(frozen=True)
class Kind:
    """One kind of plug-in."""

    name: str
    setting: str
    """The setting, or the option, that names one."""
    package: str
    """Where those are that have a name."""
    functions: tuple[Function, ...]
    reserved: frozenset[str] = frozenset()
    """Names that no plug-in may have, beside those that exist."""

    def load(self, name: str) -> Any:
        """Return the module that a setting names.

        Raises UnknownPluginError for a name or path that does not exist, and PluginError, with file
        and line, for a file that is not a plug-in of this kind.
        """
        if is_path(name):
            return self._checked(_import_file(Path(name), self.setting), Path(name))
        return find(self.package, name, self.setting)

    def names(self) -> tuple[str, ...]:
        """Return the plug-ins of this kind that have a name."""
        return names(self.package)

    def _checked(self, module: ModuleType, path: Path) -> SimpleNamespace:
        if path.stem in {*self.names(), *self.reserved}:
            raise PluginError(f"{path}:1: {path.stem!r} names another {self.name}: rename the file")
        found = dict(vars(module))
        for function in self.functions:
            own = found.get(function.name)
            if own is not None or not function.is_optional:
                _check(function, own, path, self.name)
                found[function.name] = _watched(function, own, path)
        return SimpleNamespace(**found)


def find(package: str, name: str, setting: str) -> ModuleType:
    """Return the module of a package that a setting names. Raises UnknownPluginError."""
    existing = names(package)
    if name not in existing:
        raise UnknownPluginError(
            f"{setting}: unknown {name!r}; there is {', '.join(existing)}, or a .py file's path"
        )
    return import_module(f"{package}.{name}")


@cache
def names(package: str) -> tuple[str, ...]:
    """Return the plug-ins of a package in alphabetical order; none if there is no such package."""
    try:
        path = import_module(package).__path__
    except ModuleNotFoundError as error:
        if error.name is None or not f"{package}.".startswith(f"{error.name}."):
            raise
        return ()
    return tuple(sorted(module.name for module in pkgutil.iter_modules(path)))


def is_path(name: str) -> bool:
    """Whether a setting gives a plug-in by its path."""
    return name.endswith(".py")


def display_name(name: str) -> str:
    """Return what traces and reports call a plug-in: its name, or that of its file."""
    return Path(name).stem if is_path(name) else name


def file_hashes(*settings: str) -> dict[str, str]:
    """Return the SHA-256 of each plug-in that settings give by path. Raises UnknownPluginError."""
    paths = [setting for setting in settings if is_path(setting)]
    return {path: hashlib.sha256(_read(Path(path), "plug-in")).hexdigest() for path in paths}


def blame(error: BaseException) -> PluginError | None:
    """Return an error that names the line of a plug-in that raised; None if none of them did."""
    files = {m.__file__ for name, m in [*sys.modules.items()] if name.startswith(_PREFIX)}
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename in files]
    if not own or isinstance(error, AgentError):
        return None
    last = own[-1]
    return PluginError(f"{last.filename}:{last.lineno}: {type(error).__name__}: {error}")


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnknownPluginError(f"{setting}: {path}: {error.strerror}") from None


def _import_file(path: Path, setting: str) -> ModuleType:
    """Import a file once, as a module that is named after its place and content."""
    source = _read(path, setting)
    place = str(path.resolve())
    name = _PREFIX + hashlib.sha256(place.encode() + b"\0" + source).hexdigest()[:16]
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, place)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path}:1: cannot be imported")
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if not isinstance(error, Exception):
            raise
        raise _import_error(error, path, place) from error
    return module


def _import_error(error: Exception, path: Path, place: str) -> PluginError:
    if isinstance(error, SyntaxError) and error.filename == place:
        return PluginError(f"{path}:{error.lineno}: {error.msg}")
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == place]
    return PluginError(f"{path}:{lines[-1] if lines else 1}: {type(error).__name__}: {error}")


def _check(function: Function, own: Any, path: Path, kind: str) -> None:
    if not callable(own):
        raise PluginError(f"{path}:1: a {kind} has to define `{function}`, and this file does not")
    where = f"{path}:{_line(own)}"
    try:
        inspect.signature(own).bind(*function.parameters)
    except TypeError as error:
        raise PluginError(f"{where}: must be `{function}`: {error}") from None
    if inspect.iscoroutinefunction(own) != function.is_async:
        raise PluginError(f"{where}: must be `{function}`")


def _line(own: Any) -> int:
    code = getattr(inspect.unwrap(own), "__code__", None)
    return code.co_firstlineno if code else 1


def _watched(function: Function, own: Any, path: Path) -> Callable[..., Any]:
    """Return the function with a check of what it returns."""

    def verified(value: Any, arguments: tuple[Any, ...]) -> Any:
        if not function.accepts(value, *arguments):
            given = f"{type(value).__name__}: {value!r:.100}"
            where = f"{path}:{_line(own)}"
            raise PluginError(f"{where}: {function.name} must return {function.gives}, not {given}")
        return value

    if function.is_async:

        @wraps(own)
        async def awaited(*arguments: Any) -> Any:
            return verified(await own(*arguments), arguments)

        return awaited

    @wraps(own)
    def called(*arguments: Any) -> Any:
        return verified(own(*arguments), arguments)

    return called
