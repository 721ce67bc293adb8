"""Plug-ins are files: a package's modules are the names that exist."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

_NO_PLUGINS = frozenset({"base", "__main__"})


class UnknownPluginError(ValueError):
    """No such plug-in; the message lists those that exist."""


def find(package: str, name: str, setting: str) -> ModuleType:
    """The module of a package that a setting names. Raises UnknownPluginError."""
    existing = names(package)
    if name not in existing:
        raise UnknownPluginError(f"{setting}: unknown {name!r}; there is {', '.join(existing)}")
    return import_module(f"{package}.{name}")


def names(package: str) -> tuple[str, ...]:
    """The plug-ins of a package, in alphabetical order."""
    path = import_module(package).__path__
    found = (module.name for module in pkgutil.iter_modules(path))
    return tuple(sorted(name for name in found if name not in _NO_PLUGINS))
