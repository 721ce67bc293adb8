"""Coercions: a right value of the wrong type, returned or passed.

For programs that return an iterator, a number as text, or characters that are not joined. Source:
the "mutate data type" patterns of Liu et al., TBar: Revisiting Template-Based Automated
Program Repair (ISSTA 2019), with the conversions of Python's built-in types.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, EditableProgram, Slot

_EVERYWHERE = ("list(x)", "sorted(x)", "int(x)", "str(x)", "set(x)", "len(x)", "abs(x)")
_TEMPLATES = {
    "returned": (
        *(*_EVERYWHERE, "round(x)", "tuple(x)", "bool(x)", "float(x)", "sum(x)", "''.join(x)"),
        *("' '.join(x)", "', '.join(x)", "round(x, 2)", "sorted(set(x))", "x[::-1]"),
    ),
    "passed": (*_EVERYWHERE, "round(x)", "tuple(x)", "bool(x)", "float(x)", "sum(x)"),
    "iterated": ("sorted(x)", "set(x)", "reversed(x)", "str(x)", "x.split()", "x.lower()", "x[1:]"),
    "compared": ("len(x)", "abs(x)", "int(x)", "str(x)", "sorted(x)", "x.lower()", "set(x)"),
    "assigned": (*_EVERYWHERE, "x.lower()", "x.split()", "x[::-1]"),
}


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield conversions of values, by the place where they are used."""
    for slot in program.slots:
        place = _place(slot)
        for template in _TEMPLATES.get(place, ()):
            name = template.partition("(")[0]
            if not (_is_call_of(slot.node, name) or _is_call_of(slot.owner, name)):
                kind = f"coerce {place} {template}"
                yield slot.edit(kind, _filled(template, slot.node))


def _place(slot: Slot) -> str:
    if slot.is_returned:
        return "returned"
    if slot.is_passed:
        return "passed"
    if slot.field == "iter":
        return "iterated"
    if isinstance(slot.owner, ast.Compare):
        return "compared" if not isinstance(slot.node, ast.Constant) else ""
    return "assigned" if isinstance(slot.owner, ast.Assign) and slot.field == "value" else ""


def _filled(template: str, node: ast.expr) -> ast.expr:
    """Return a template with an expression in the place of `x`."""
    filled: ast.expr = _Filler(node).visit(ast.parse(template, mode="eval")).body
    return filled


class _Filler(ast.NodeTransformer):
    def __init__(self, node: ast.expr):
        self._node = node

    def visit_Name(self, name: ast.Name) -> ast.expr:
        return self._node if name.id == "x" else name


def _is_call_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
