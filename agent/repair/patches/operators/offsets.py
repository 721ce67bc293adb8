"""Offsets: an index, a range or a bound that is one too small or too large.

Source: the off-by-one faults that boundary-value testing is about; unary operator insertion of the
Mothra operators (King and Offutt, 1991).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, EditableProgram, Slot


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield expressions plus and minus one: in indices, ranges, bounds and returned numbers."""
    for slot in program.slots:
        if isinstance(slot.node, ast.Constant):
            continue
        if place := _place(slot):
            for operator in (ast.Add(), ast.Sub()):
                yield slot.edit(f"offset {place}", ast.BinOp(slot.node, operator, ast.Constant(1)))
    for slot in program.slots:
        match slot.node:
            case ast.Call(func=ast.Name(id="range"), args=[end], keywords=[]):
                yield slot.edit("offset range", _range(ast.Constant(1), end))
            case ast.Call(func=ast.Name(id="range"), args=[_, end, *_], keywords=[]):
                yield slot.edit("offset range", _range(end))
            case ast.Subscript(value=value, slice=ast.Slice(lower=None, upper=None, step=None)):
                yield slot.edit("offset slice", value)


def _place(slot: Slot) -> str:
    match slot.owner:
        case ast.Subscript() if slot.field == "slice":
            return "index"
        case ast.Slice():
            return "slice"
        case ast.Call(func=ast.Name(id="range")):
            return "range"
        case ast.Compare() if _is_number(slot.node):
            return "bound"
        case ast.Return() if _is_number(slot.node):
            return "result"
        case _:
            return ""


def _is_number(node: ast.expr) -> bool:
    """Whether an expression may be a number, as far as its form tells."""
    return isinstance(node, (ast.Name, ast.BinOp, ast.Call, ast.Subscript))


def _range(*arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name("range", ast.Load()), [*arguments], [])
