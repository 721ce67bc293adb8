"""Conditions: another comparison operator, or the opposite condition.

Source: relational operator replacement of the Mothra operators (King and Offutt, 1991), and the
"mutate conditional expression" patterns of TBar (Liu et al., ISSTA 2019). `and` and `or` are not
exchanged: that is hardly ever right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, EditableProgram, Slot

_OTHERS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE, ast.NotEq),
    ast.LtE: (ast.Lt, ast.GtE, ast.Gt, ast.Eq),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE, ast.NotEq),
    ast.GtE: (ast.Gt, ast.LtE, ast.Lt, ast.Eq),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE, ast.In),
    ast.NotEq: (ast.Eq, ast.Lt, ast.Gt),
    ast.In: (ast.NotIn, ast.Eq),
    ast.NotIn: (ast.In, ast.NotEq),
    ast.Is: (ast.IsNot, ast.Eq),
    ast.IsNot: (ast.Is, ast.NotEq),
}


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield other comparisons, negations, and conditions with a part more or less."""
    for slot in program.slots:
        if isinstance(slot.node, ast.Compare):
            yield from _compared(slot, slot.node)
        if slot.is_condition or (slot.is_returned and _is_truth(slot.node)):
            yield slot.edit("negation", ast.UnaryOp(ast.Not(), slot.node))
        if slot.is_condition and isinstance(slot.node, ast.BoolOp):
            yield from (slot.edit("part of a condition", part) for part in slot.node.values)
    yield from _joined(program)


def _compared(slot: Slot, node: ast.Compare) -> Iterator[Edit]:
    for index, operator in enumerate(node.ops):
        for other in _OTHERS[type(operator)]:
            changed = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            yield slot.edit("comparison", ast.Compare(node.left, changed, node.comparators))


def _joined(program: EditableProgram) -> Iterator[Edit]:
    """Yield conditions with another condition of the same function beside them."""
    slots = [(slot, ast.dump(slot.node)) for slot in program.slots if slot.is_condition]
    distinct = {(slot.function, text): slot for slot, text in slots}
    for slot, own in slots:
        for (function, text), other in distinct.items():
            if function is slot.function and text != own:
                for operator in (ast.And(), ast.Or()):
                    node = ast.BoolOp(operator, [slot.node, other.node])
                    yield slot.edit("joined conditions", node)


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, (ast.Compare, ast.BoolOp, ast.Call, ast.UnaryOp, ast.Name))
