"""Categories of problems by the kind of their values, from their public text alone."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from typing import Literal, get_args

from agent.parsing.source import expression, parse
from agent.types import Problem
from agent.visible_tests.docstring.callee import find_header
from agent.visible_tests.docstring.examples import DocstringExample, docstring_examples

Kind = Literal["numbers", "text", "sequences", "mappings"]
Category = Literal[Kind, "mixed", "unknown"]
CATEGORIES: tuple[Category, ...] = get_args(Category)

_NAMES: dict[Kind, str] = {
    "numbers": "int float bool complex",
    "text": "str bytes",
    "sequences": "list tuple set frozenset range List Tuple Set FrozenSet Sequence Iterable",
    "mappings": "dict Dict Mapping DefaultDict Counter",
}
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names.split()}
"""The kind of each type name, as annotations and constructor calls use it."""


def category_of(problem: Problem) -> Category:
    """Return the kind of all arguments of the docstring's examples, or else of the annotations.

    It is `mixed` if there are several kinds, and `unknown` if there are none. Arguments that are
    None, and types of any other kind, do not count.
    """
    name = problem.entry_point.rpartition(".")[2]
    found = {kind for one in docstring_examples(problem) for kind in _argument_kinds(one, name)}
    found = found or set(_annotated(problem.prompt, name))
    return "mixed" if len(found) > 1 else next(iter(found), "unknown")


def _argument_kinds(example: DocstringExample, name: str) -> Iterator[Kind]:
    """Yield the kinds of the arguments in an example; its setup gives the values of variables."""
    tree, setup = expression(example.call), parse(example.setup)
    variables = {
        target.id: node.value
        for node in (setup.body if setup else ())
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)) if called == name:
                for given in (*node.args, *(word.value for word in node.keywords)):
                    if isinstance(given, ast.Name):
                        given = variables.get(given.id, given)
                    if kind := _kind_of_value(given):
                        yield kind


def _kind_of_value(value: ast.expr) -> Kind | None:
    match value:
        case ast.Constant(value=bool() | int() | float() | complex()):
            return "numbers"
        case ast.Constant(value=str() | bytes()) | ast.JoinedStr():
            return "text"
        case ast.List() | ast.Tuple() | ast.Set() | ast.ListComp() | ast.SetComp():
            return "sequences"
        case ast.Dict() | ast.DictComp():
            return "mappings"
        case ast.Call(func=ast.Name(id=maker)):
            return _KINDS.get(maker)
        case ast.UnaryOp(operand=operand):
            return _kind_of_value(operand)
        case ast.BinOp(left=left, right=right):
            first, second = _kind_of_value(left), _kind_of_value(right)
            # `3 * [0]` is a list.
            return second if second and first in (None, "numbers") else first
        case _:
            return None


def _annotated(prompt: str, name: str) -> Iterator[Kind]:
    """Yield the kinds of the annotated parameters in a prompt."""
    function = find_header(prompt, name)
    if function is None:
        return
    tree = parse(f"{textwrap.dedent(prompt[function.start : function.header])} pass")
    for node in tree.body if tree else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            given = node.args
            for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs):
                yield from _kinds_of_type(argument.annotation)


def _kinds_of_type(annotation: ast.expr | None) -> Iterator[Kind]:
    match annotation:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            if name in _KINDS:
                yield _KINDS[name]
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            if name in {"Optional", "Union"}:
                parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                for part in parts:
                    yield from _kinds_of_type(part)
            elif name in _KINDS:
                yield _KINDS[name]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _kinds_of_type(left)
            yield from _kinds_of_type(right)
        case ast.Constant(value=str(text)):
            yield from _kinds_of_type(expression(text))
        case _:
            return
