"""Plug-ins: single files, found by name in one of our packages, or by path.

A file given by path is the user's own code and is trusted: it runs in this process with all of its
rights. It is checked when it is loaded, before the first request to a model: that it can be
imported, and that it has the functions of its kind with their parameters. The return values of its
functions are checked at each call.
"""

from __future__ import annotations

import hashlib
import inspect
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from agent.errors import AgentError, PluginError, UnknownPluginError
from sandbox.types import SandboxError

_PREFIX = "codeloop_plugin_"
_SHA256, _GIVEN, _CHECKED = "__codeloop_sha256__", "__codeloop_given__", "__codeloop_checked__"
"""Attributes of a module that was loaded by path: hash, path as given, checked interfaces."""


@dataclass(frozen=True)
class PluginFunction:
    """A function that plug-ins of a kind define."""

    name: str
    parameters: tuple[str, ...]
    gives: str
    """Description of its return value, for error messages: "must return ..."."""
    accepts: Callable[..., bool]
    """Predicate of a valid return value. It gets the value and the arguments of the call."""
    is_async: bool = False
    is_optional: bool = False

    def __str__(self) -> str:
        head = "async def" if self.is_async else "def"
        return f"{head} {self.name}({', '.join(self.parameters)})"


@dataclass(frozen=True)
class PluginKind:
    """One kind of plug-in."""

    name: str
    setting: str
    """Name of the setting or option that selects a plug-in."""
    package: str
    """Package of the plug-ins that have a name."""
    functions: tuple[PluginFunction, ...]
    reserved: frozenset[str] = frozenset()
    """Names that no plug-in may have, besides those of existing plug-ins."""

    def load(self, name: str, *, fresh: bool = False) -> Any:
        """Return the module that a setting names.

        A file given by path is read once per process. `fresh` reads it again: at the start of a
        run, so that the whole run uses one version. Raises UnknownPluginError for a name or path
        that does not exist, and PluginError, with file and line, for a file not of this kind.
        """
        if not is_path(name):
            return find(self.package, name, self.setting)
        module = _import_file(Path(name), self.setting, fresh=fresh)
        known: dict[str, Any] = module.__dict__.setdefault(_CHECKED, {})
        if self.name not in known:
            try:
                known[self.name] = self._checked(module, Path(name))
            except PluginError:
                sys.modules.pop(module.__name__, None)
                raise
        return known[self.name]

    def names(self) -> tuple[str, ...]:
        """Return the names of the plug-ins of this kind that are not given by path."""
        return names(self.package)

    def _checked(self, module: ModuleType, path: Path) -> SimpleNamespace:
        if path.stem in {*self.names(), *self.reserved}:
            raise PluginError(f"{path}:1: {path.stem!r} names another {self.name}: rename the file")
        found = dict(vars(module))
        for function in self.functions:
            own = found.get(function.name)
            if own is not None or not function.is_optional:
                _check(function, own, path, self.name)
                found[function.name] = _with_return_check(function, own, path)
        return SimpleNamespace(**found)


def find(package: str, name: str, setting: str) -> ModuleType:
    """Return the module of a package that a setting names. Raises UnknownPluginError."""
    existing = names(package)
    if name not in existing:
        raise UnknownPluginError(
            f"{setting}: unknown {name!r}; available: {', '.join(existing)}, or a .py file's path"
        )
    return import_module(f"{package}.{name}")


@cache
def names(package: str) -> tuple[str, ...]:
    """Return the names of a package's plug-ins in alphabetical order; () if it does not exist."""
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
    """Return the name of a plug-in in traces and reports: its name, or the stem of its path."""
    return Path(name).stem if is_path(name) else name


def file_hashes(*settings: str) -> dict[str, str]:
    """Return the SHA-256 of each plug-in that settings give by path, as it was when loaded."""
    paths = [setting for setting in settings if is_path(setting)]
    modules = {path: _import_file(Path(path), "plug-in", fresh=False) for path in paths}
    return {path: str(getattr(module, _SHA256)) for path, module in modules.items()}


def forget() -> None:
    """Forget every file that was loaded by path, so that the next use reads it again."""
    for name in [*sys.modules]:  # a copy, since another thread may import at the same time
        if name.startswith(_PREFIX):
            sys.modules.pop(name, None)


def blame(error: BaseException) -> PluginError | None:
    """Return an error with the line of the plug-in that raised `error`; None if none did.

    An AgentError or SandboxError that only passes through a plug-in is not attributed to it.
    """
    files = {
        module.__file__: getattr(module, _GIVEN)
        for name, module in [*sys.modules.items()]
        if name.startswith(_PREFIX)
    }
    frames = traceback.extract_tb(error.__traceback__)
    is_ours = isinstance(error, (AgentError, SandboxError))
    own = [frame for frame in (frames[-1:] if is_ours else frames) if frame.filename in files]
    if not own:
        return None
    where = f"{files[own[-1].filename]}:{own[-1].lineno}"
    return PluginError(f"{where}: {type(error).__name__}: {error}")


def _import_file(path: Path, setting: str, *, fresh: bool) -> ModuleType:
    """Import a file as a module whose name is derived from its absolute path."""
    place = str(path.resolve())
    name = _PREFIX + hashlib.sha256(place.encode()).hexdigest()[:16]
    if name in sys.modules and not fresh:
        return sys.modules[name]
    try:
        source = path.read_bytes()
    except OSError as error:
        raise UnknownPluginError(f"{setting}: {path}: {error.strerror}") from None
    module = ModuleType(name)
    module.__file__ = place
    module.__dict__.update({_SHA256: hashlib.sha256(source).hexdigest(), _GIVEN: str(path)})
    sys.modules[name] = module
    try:
        # Not the import system: it may use the compiled file of a version from the same second.
        exec(compile(source, place, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - trusted
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _import_error(error, path, place) from error
    return module


def _import_error(error: BaseException, path: Path, place: str) -> PluginError:
    if isinstance(error, SyntaxError) and error.filename in (place, None):
        return PluginError(f"{path}:{error.lineno or 1}: {error.msg}")
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == place]
    return PluginError(f"{path}:{lines[-1] if lines else 1}: {type(error).__name__}: {error}")


def _check(function: PluginFunction, own: Any, path: Path, kind: str) -> None:
    if not callable(own):
        raise PluginError(f"{path}:1: a {kind} must define `{function}`")
    where = f"{path}:{line_of(own, path)}"
    try:
        inspect.signature(own).bind(*function.parameters)
    except (TypeError, ValueError) as error:
        raise PluginError(f"{where}: must be `{function}`: {error}") from None
    if inspect.iscoroutinefunction(own) != function.is_async:
        raise PluginError(f"{where}: must be `{function}`")


def line_of(own: Any, path: Path | str) -> int:
    """Return the first line of a function in its file; 1 if it is defined in another file."""
    code = getattr(inspect.unwrap(own), "__code__", None)
    return code.co_firstlineno if code and code.co_filename == str(Path(path).resolve()) else 1


def _with_return_check(function: PluginFunction, own: Any, path: Path) -> Callable[..., Any]:
    """Return the function with a check of its return value."""

    def verified(value: Any, arguments: tuple[Any, ...]) -> Any:
        if not function.accepts(value, *arguments):
            given = f"{type(value).__name__}: {value!r:.100}"
            where = f"{path}:{line_of(own, path)}"
            raise PluginError(f"{where}: {function.name} must return {function.gives}, not {given}")
        return value

    if function.is_async:

        @wraps(own)
        async def awaited(*arguments: Any) -> Any:
            with _no_exit():
                return verified(await own(*arguments), arguments)

        return awaited

    @wraps(own)
    def called(*arguments: Any) -> Any:
        with _no_exit():
            return verified(own(*arguments), arguments)

    return called


@contextmanager
def _no_exit() -> Iterator[None]:
    """Raise PluginError if a plug-in tries to exit the process."""
    try:
        yield
    except SystemExit as error:
        raise blame(error) or PluginError(f"a plug-in tried to exit: {error}") from error
