"""Conditions: another comparison operator, or the opposite condition.

Source: relational operator replacement of the Mothra operators (King and Offutt, 1991), and the
"mutate conditional expression" patterns of TBar (Liu et al., ISSTA 2019). `and` and `or` are not
exchanged: that is hardly ever right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, Program

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


def edits(program: Program, material: Material) -> Iterator[Edit]:
    """Yield other comparisons, and negations of conditions and of returned truth values."""
    for slot in program.slots:
        node = slot.node
        if isinstance(node, ast.Compare):
            for index, operator in enumerate(node.ops):
                for other in _OTHERS[type(operator)]:
                    changed = [*node.ops[:index], other(), *node.ops[index + 1 :]]
                    yield slot.edit("comparison", ast.Compare(node.left, changed, node.comparators))
        if slot.is_condition or (slot.is_returned and _is_truth(node)):
            yield slot.edit("negation", ast.UnaryOp(ast.Not(), node))
        if slot.is_condition and isinstance(node, ast.BoolOp):
            for value in node.values:
                yield slot.edit("part of a condition", value)


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, (ast.Compare, ast.BoolOp, ast.Call, ast.UnaryOp, ast.Name))
