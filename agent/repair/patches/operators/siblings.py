"""Siblings: the method or function beside the one that is called.

Source: "replace method invocation" of TBar (Liu et al., ISSTA 2019), with groups
of Python's functions and methods.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, EditableProgram

_FUNCTIONS = (
    ("min", "max", "sum", "len"),
    ("any", "all"),
    ("floor", "ceil", "round", "int", "trunc"),
    ("sorted", "list", "set"),
    ("ord", "chr", "int"),
    ("str", "repr", "bin"),
)
_METHODS = (
    ("upper", "lower", "swapcase", "title", "capitalize"),
    ("isupper", "islower"),
    ("isalpha", "isdigit", "isalnum", "isnumeric", "isspace"),
    ("startswith", "endswith"),
    ("append", "extend"),
    ("find", "rfind", "index", "rindex", "count"),
    ("strip", "lstrip", "rstrip"),
    ("keys", "values", "items"),
    ("split", "splitlines"),
    ("remove", "discard"),
    ("floor", "ceil", "trunc"),
    ("union", "intersection", "difference", "symmetric_difference"),
)


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield calls of the other functions and methods of the same group."""
    for slot in program.slots:
        match slot.node:
            case ast.Call(func=ast.Name(id=name), args=given, keywords=words):
                for other in _beside(name, _FUNCTIONS):
                    yield slot.edit("sibling", ast.Call(ast.Name(other, ast.Load()), given, words))
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=given, keywords=words):
                for other in _beside(name, _METHODS):
                    method = ast.Attribute(value, other, ast.Load())
                    yield slot.edit("sibling", ast.Call(method, given, words))


def _beside(name: str, groups: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    for group in groups:
        if name in group:
            yield from (other for other in group if other != name)
