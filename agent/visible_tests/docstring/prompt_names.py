"""The names that a prompt defines: their origins, and the classes whose instances are values."""

from __future__ import annotations

import ast
from typing import NamedTuple

from agent.parsing.source import bound_names, parse
from agent.visible_tests.standard_values import dotted

_MAKERS = frozenset({"namedtuple", "NamedTuple", "Enum", "IntEnum", "make_dataclass"})
_BASES = frozenset({
    "Enum", "Flag", "IntEnum", "IntFlag", "NamedTuple", "StrEnum", "TypedDict", "bytes", "dict",
    "float", "frozenset", "int", "list", "set", "str", "tuple",
})  # fmt: skip
"""Bases whose instances are compared by value."""


class PromptNames(NamedTuple):
    """The names that a prompt defines at its top level."""

    origins: dict[str, str]
    """The names; for those that are imported, the dotted name of the original, else ''."""
    classes: frozenset[str]
    comparable: frozenset[str]
    """The classes whose instances are equal if their values are."""
    rebuilt: frozenset[str]
    """Those of them whose `repr` makes an equal instance."""
    shown: frozenset[str]
    """The classes with a `repr` of their own."""

    def with_class(self, name: str) -> PromptNames:
        """Return these names and that of a class."""
        return self._replace(origins={name: "", **self.origins}, classes=self.classes | {name})


def names_defined(source: str) -> PromptNames:
    """Return the names that the statements of a source define; none if it is not a program."""
    tree = parse(source)
    kinds: dict[str, tuple[bool, bool, bool]] = {}
    """By class: whether its instances are compared, rebuilt and shown."""
    for node in tree.body if tree else ():
        match node:
            case ast.ClassDef(name=name):
                shown = _defines(node, "__repr__")
                valued = _is_dataclass(node) or _inherits(node)
                kinds[name] = (valued or _defines(node, "__eq__"), valued and not shown, shown)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=made)):
                if dotted(made).rpartition(".")[2] in _MAKERS:
                    kinds[name] = (True, True, False)
    compared, rebuilt, shown_too = (
        frozenset(name for name, has in kinds.items() if has[place]) for place in range(3)
    )
    return PromptNames(_origins(tree), frozenset(kinds), compared, rebuilt, shown_too)


def _origins(tree: ast.Module | None) -> dict[str, str]:
    if tree is None:
        return {}
    origins = dict.fromkeys(bound_names(tree), "")
    for item in ast.walk(tree):
        match item:
            case ast.Import(names=names):
                origins |= {one.asname or one.name.partition(".")[0]: one.name for one in names}
            case ast.ImportFrom(module=str(module), names=names):
                origins |= {one.asname or one.name: f"{module}.{one.name}" for one in names}
    return origins


def _inherits(node: ast.ClassDef) -> bool:
    bases = {dotted(base).rpartition(".")[2] for base in node.bases}
    return bool(bases & _BASES)


def _is_dataclass(node: ast.ClassDef) -> bool:
    for decorator in node.decorator_list:
        called = isinstance(decorator, ast.Call)
        name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if name.rpartition(".")[2] == "dataclass":
            return not called or "eq=False" not in ast.unparse(decorator).replace(" ", "")
    return False


def _defines(node: ast.ClassDef, method: str) -> bool:
    return any(isinstance(item, ast.FunctionDef) and item.name == method for item in node.body)
