"""Unwrapping: an expression without a step that it does not need.

For a `set` that loses the order, a `sorted` too many, a needless `- 1`. Source: the "remove"
patterns of TBar (Liu et al., ISSTA 2019).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, EditableProgram


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield the parts of calls, subscripts, operators and choices in place of the whole."""
    for slot in program.slots:
        for part in _parts(slot.node):
            yield slot.edit("unwrap", part)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(value=value), args=arguments):
            yield value
            yield from (a for a in arguments[:1] if not isinstance(a, ast.Starred))
        case ast.Call(args=[argument, *_]) if not isinstance(argument, ast.Starred):
            yield argument
        case ast.Subscript(value=value) | ast.UnaryOp(operand=value):
            yield value
        case ast.BinOp(left=left, right=right):
            yield from (left, right)
        case ast.IfExp(body=body, orelse=other):
            yield from (body, other)
        case ast.ListComp(generators=[one]) | ast.GeneratorExp(generators=[one]) if one.ifs:
            yield type(node)(node.elt, [ast.comprehension(one.target, one.iter, [], one.is_async)])
