"""Arguments made from the annotations of a function, for a problem without examples."""

from __future__ import annotations

import ast

from agent.parsing.source import parse
from agent.types import Problem
from agent.visible_tests.inputs.argument_paths import Arguments
from agent.visible_tests.inputs.edge_values import edge_values

_PLAIN = {"int": 5, "float": 2.5, "str": "Hello world", "bool": True}
_LISTS = ("list", "List", "Sequence", "Iterable")
_TUPLES = ("tuple", "Tuple")


def annotated_arguments(problem: Problem) -> list[Arguments]:
    """Return the arguments of one call; none if a required parameter has no plain type.

    Plain types are `int`, `float`, `str`, `bool`, and lists and tuples of plain types.
    """
    tree = parse(problem.prompt)
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef) and node.name == problem.entry_point:
            required = node.args.args[: len(node.args.args) - len(node.args.defaults)]
            values = [_value(parameter.annotation) for parameter in required]
            return [dict(enumerate(values))] if values and None not in values else []
    return []


def _value(annotation: ast.expr | None) -> object:
    """Return a value of a plain type; None for another one."""
    match annotation:
        case ast.Name(id=name):
            return _PLAIN.get(name)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=parts)):
            values = tuple(map(_value, parts))
            return values if name in _TUPLES and None not in values else None
        case ast.Subscript(value=ast.Name(id=name), slice=item) if name in _LISTS:
            value = _value(item)
            return None if value is None else [value, *edge_values(value)[:3]]
    return None
