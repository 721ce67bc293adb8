"""Values of the standard library that a text may write, and the imports that a test needs for them.

They are the types that the sandbox carries as data: an equal object can be made from their `repr`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

_MODULES = {
    "array": ("array",),
    "collections": ("ChainMap", "Counter", "OrderedDict", "defaultdict", "deque"),
    "datetime": ("date", "datetime", "time", "timedelta", "timezone"),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
    "math": (),
    "pathlib": ("Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath"),
    "uuid": ("UUID",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}
_CONSTANTS = frozenset({"math.inf", "datetime.timezone.utc", "timezone.utc"})
WORDS = frozenset({*_MODULES, *_HOME})
"""The names with which such a value can begin."""


def dotted(node: ast.expr) -> str:
    """Return a name or a chain of attributes as text, such as `datetime.date`; else ''."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{dotted(value)}.{attribute}"
        case _:
            return ""


def is_standard(node: ast.expr) -> bool:
    """Whether a node is a constant, or a call of a constructor, of the standard library."""
    if not isinstance(node, ast.Call):
        return dotted(node) in _CONSTANTS
    module, _, name = dotted(node.func).rpartition(".")
    if name == "array":  # numpy's, unless a type code comes first
        typed = node.args[:1]
        return bool(typed) and isinstance(typed[0], ast.Constant) and typed[0].value != ...
    return name in _HOME and module in {"", _HOME[name]}


def with_imports(
    node: ast.expr, bound: Mapping[str, str]
) -> tuple[ast.expr, frozenset[tuple[str, str]]]:
    """Return the expression as a test can write it, and the standard names to import for it.

    `bound` has the names that are bound already, with the origin of those that are imported. An
    import is a pair of its module and its name; the name is empty for the module itself.
    """
    spelling = _Spelling(bound)
    return spelling.visit(node), frozenset(spelling.needed)


class _Spelling(ast.NodeTransformer):
    def __init__(self, bound: Mapping[str, str]) -> None:
        self._bound = bound
        self.needed: set[tuple[str, str]] = set()

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in _MODULES:
                if module not in self._bound:
                    self.needed.add((module, ""))
                elif self._bound[module] != module and name in _MODULES[module]:
                    # The prompt has `from datetime import datetime`, and the text a `repr`.
                    self.needed.add((module, name))
                    return ast.Name(name, ast.Load())
                return node
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in _HOME and node.id not in self._bound:
            self.needed.add((_HOME[node.id], node.id))
        return node
