"""Names in a syntax tree."""

from __future__ import annotations

import ast


def names_of(tree: ast.AST) -> set[str]:
    """Return the names that a tree reads."""
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def bound_by(tree: ast.AST) -> set[str]:
    """Return the names that a tree binds by assignment, import, definition or as an argument."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                bound.add(name)
            case ast.ClassDef(name=name):
                bound.add(name)
            case ast.alias(name=name, asname=alias):
                bound.add(alias or name.partition(".")[0])
    return bound
