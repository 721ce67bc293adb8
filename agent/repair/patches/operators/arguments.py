"""Arguments: the parameters in a normal form, or the operands of a call in another order.

For programs that forget that the task ignores case, order or spaces. Sources: "swap
arguments" of TBar (Liu et al., ISSTA 2019); the normal forms are ours.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, EditableProgram

_FORMS = (
    "{0} = sorted({0})",
    "{0} = {0}.lower()",
    "{0} = {0}.strip()",
    "{0} = abs({0})",
    "{0} = list({0})",
    "{0} = str({0})",
    "{0} = {0}.upper()",
    "{0} = set({0})",
    "{0} = {0}[::-1]",
    "{0} = {0}.split()",
    "{0} = int({0})",
)
_PAIRS = ("{0}, {1} = min({0}, {1}), max({0}, {1})", "{0}, {1} = {1}, {0}")


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield assignments at the beginning of the entry point, and swapped operands."""
    names = program.parameters
    forms = [form.format(name) for form in _FORMS for name in names]
    forms += [form.format(*pair) for form in _PAIRS for pair in pairwise(names)]
    for form in forms:
        yield from program.begun_with("normalised argument", ast.parse(form).body)
    for slot in program.slots:
        match slot.node:
            case ast.Call(func=func, args=[first, second], keywords=words):
                yield slot.edit("swapped", ast.Call(func, [second, first], words))
            case ast.BinOp(left=left, op=op, right=right) if not isinstance(op, ast.Mult):
                kind = "swapped sum" if isinstance(op, ast.Add) else "swapped"
                yield slot.edit(kind, ast.BinOp(right, op, left))
            case ast.IfExp(test=test, body=body_, orelse=other):
                yield slot.edit("swapped", ast.IfExp(test, other, body_))
            case ast.Tuple(elts=[first, second]):
                yield slot.edit("swapped", ast.Tuple([second, first], ast.Load()))
