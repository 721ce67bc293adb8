"""Substitution of bound names by their values in a statement."""

from __future__ import annotations

import ast
from collections.abc import Collection

from agent.visible_tests.names import bound_by
from agent.visible_tests.written.bindings import Row
from agent.visible_tests.written.purity import GIVEN


def inlined(tree: ast.Module, row: Row, entry_point: str, known: Collection[str]) -> list[ast.stmt]:
    """Return the statements with bound names replaced by their values; modifies the tree."""
    writer = _Inlined(row, entry_point, known, tree)
    return [node for node in map(writer.visit, tree.body) if isinstance(node, ast.stmt)]


class _Inlined(ast.NodeTransformer):
    """Replaces bound names by their values, and `module.f(x)` for the entry point by `f(x)`."""

    def __init__(self, row: Row, entry_point: str, known: Collection[str], tree: ast.AST) -> None:
        inner = (ast.comprehension, ast.arg)
        nodes = ast.walk(tree) if row else ()
        hidden = {name for node in nodes if isinstance(node, inner) for name in bound_by(node)}
        self._row = {name: bound for name, bound in row.items() if name not in hidden}
        self._entry_point = entry_point
        self._meaningful = {*known, *row}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return node
        if node.id in self._row:
            return self._row[node.id].value
        return ast.Name(self._entry_point, node.ctx) if node.id == "candidate" else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node.func:
            case ast.Attribute(value=owner, attr=name) if name == self._entry_point:
                if self._is_namespace(owner):
                    node.func = ast.Name(name, ast.Load())
        self.generic_visit(node)
        node.args = [item for argument in node.args for item in _spread(argument)]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Subscript(
                value=ast.Tuple(elts=items) | ast.List(elts=items),
                slice=ast.Constant(value=int(index)),
            ) if index < len(items):
                return items[index]
            case ast.Subscript(
                value=ast.Dict(keys=keys, values=items), slice=ast.Constant() as key
            ):
                said = [ast.dump(known) if known else "" for known in keys]
                return items[said.index(ast.dump(key))] if ast.dump(key) in said else node
            case _:
                return node

    def _is_namespace(self, owner: ast.expr) -> bool:
        """Whether an expression may be the module or the class that holds the entry point."""
        match owner:
            case ast.Name(id=name) | ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
                return name not in GIVEN and name not in self._meaningful
            case ast.Attribute(value=ast.Name(id="self")):
                return True
            case _:
                return False


def _spread(argument: ast.expr) -> list[ast.expr]:
    match argument:
        case ast.Starred(value=ast.Tuple(elts=items) | ast.List(elts=items)):
            return items
        case _:
            return [argument]
