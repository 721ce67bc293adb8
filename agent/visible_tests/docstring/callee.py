"""The entry point as tests call it: as a function, or as a method of a class."""

from __future__ import annotations

import ast
import math
import re
import textwrap
import typing
from collections.abc import Mapping
from types import MappingProxyType

from agent.parsing.source import EntryPoint, expression, find_function, is_builtin, parse, unparse

_OWNER = re.compile(r"^(?P<indent>[ \t]*)class[ \t]+(?P<name>[^\W\d]\w*)[^\n]*:", re.MULTILINE)
_INIT = re.compile(r"^[ \t]+def[ \t]+__init__\(\s*self\s*,", re.MULTILINE)
_TYPED = re.compile(r":r?type\b[^:\n]*:[ \t]*(?P<type>[^\n]*)")
_NODES = re.compile(
    r"\b(?:(?:binary|search|n-ary)\s+trees?|linked\s+lists?|(?:Tree|List)?Nodes?)\b"
)
_TYPES = frozenset({*typing.__all__, "typing", "collections", "abc", "None"})

_BUILT_IN = frozenset({"bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"})


class Callee(typing.NamedTuple):
    """The entry point, with the expression by which tests call it."""

    name: str
    """The bare name, as the docstring uses it."""
    called: str
    """The expression before the arguments: `f`, `Solution().f` or `Solution.f`."""
    parameters: tuple[str, ...]
    """Parameter names, without `self` or `cls`."""
    owner: str | None
    """The class that it is a method of; None for a function."""
    foreign: bool
    """True if a parameter or the result has a type without literals, or nothing is returned."""
    returns: str = ""
    """The annotation of the result; empty if there is none."""
    kinds: Mapping[str, str] = MappingProxyType({})
    """Built-in types of parameters, and of the result (`return`), that are annotated so."""
    most: float = math.inf
    """Maximum number of positional arguments."""
    is_class: bool = False


def find_header(prompt: str, name: str) -> EntryPoint | None:
    """Return the last definition of a function in a prompt, even if prose surrounds it."""
    function = find_function(prompt, name)
    if function is not None:
        return function
    headers = re.finditer(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{re.escape(name)}\(", prompt, re.M)
    start = max((match.start() for match in headers), default=None)
    found = None if start is None else find_function(textwrap.dedent(prompt[start:]), name)
    if found is None or start is None:
        return None
    header = re.compile(r"[^\n]*(?:\n|$)").match(prompt, start)
    return found._replace(
        start=start, header=header.end() if header else len(prompt), docstring=None
    )


def callee(prompt: str, entry_point: str, function: EntryPoint | None) -> Callee:
    """Return the entry point as tests call it."""
    name = entry_point.rpartition(".")[2]
    if function is None:
        return Callee(name, entry_point, (), None, foreign=_documents_foreign_type(prompt))
    owner = _owner(prompt, function)
    bound = owner is not None and function.parameters[:1] in {("self",), ("cls",)}
    called = entry_point
    if owner is not None and called == name:
        built = bound and function.parameters[0] == "self"
        called = f"{owner}().{name}" if built else f"{owner}.{name}"
    header = _definition(prompt[function.start : function.header])
    returns = header.returns if header else None
    return Callee(
        name=name,
        called=called,
        parameters=function.parameters[bound:],
        owner=owner,
        foreign=(header is not None and _is_foreign(header, prompt))
        or _documents_foreign_type(prompt),
        returns=(unparse(returns) or "") if returns else "",
        kinds=_kinds(header) if header else {},
        most=len(function.parameters) - bound if header and not header.args.vararg else math.inf,
    )


def class_callee(name: str) -> Callee:
    """Return an entry point that is a class, whose parameters are not read."""
    return Callee(name, name, (), None, foreign=True, is_class=True)


def as_called(source: str, page_callee: Callee, bound: frozenset[str]) -> str:
    """Rewrite a call to call the entry point as tests must; methods of `bound` names stay."""
    if page_callee.called == page_callee.name:
        return source
    node = expression(source)
    if node is None:
        return source
    return unparse(_CalleeRewriter(page_callee, bound).visit(node)) or source


class _CalleeRewriter(ast.NodeTransformer):
    def __init__(self, page_callee: Callee, bound: frozenset[str]) -> None:
        self._callee, self._bound = page_callee, bound

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node.func:
            case ast.Name(id=name):
                meant = name == self._callee.name
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                meant = name == self._callee.name and owner not in self._bound
            case ast.Attribute(value=ast.Call(func=ast.Name(id=owner), args=[]), attr=name):
                meant = name == self._callee.name and owner == self._callee.owner
            case _:
                meant = False
        spelled = expression(self._callee.called) if meant else None
        if spelled is not None:
            node.func = spelled
        return node


def _owner(prompt: str, function: EntryPoint) -> str | None:
    """Return the class of a method; None outside a class or if `__init__` takes arguments."""
    line = prompt[prompt.rfind("\n", 0, function.start + 1) + 1 :]
    depth = len(line) - len(line.lstrip(" \t"))
    before = prompt[: function.start]
    owners = [match for match in _OWNER.finditer(before) if len(match["indent"]) < depth]
    if not owners or re.search(r"^(?:async )?def ", before[owners[-1].end() :], re.MULTILINE):
        return None
    return None if _INIT.search(before, owners[-1].end()) else owners[-1]["name"]


def _definition(header: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    tree = parse(f"{textwrap.dedent(header)} pass")
    first = tree.body[0] if tree and tree.body else None
    return first if isinstance(first, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def _kinds(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, str]:
    annotated = {item.arg: item.annotation for item in function.args.args}
    annotated["return"] = function.returns
    heads = {name: _head(node) for name, node in annotated.items() if node is not None}
    return {name: head for name, head in heads.items() if head in _BUILT_IN}


def _head(annotation: ast.expr) -> str:
    """Return `list` for `list[int]` and for `typing.List[int]`."""
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    name = outer.attr if isinstance(outer, ast.Attribute) else getattr(outer, "id", "")
    return f"{name}".lower()


def _is_foreign(function: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> bool:
    given = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    annotations = [argument.annotation for argument in given if argument.arg != "self"]
    if None in annotations and _NODES.search(text):
        return True  # trees and linked lists are often written as lists
    annotations.append(function.returns)
    if isinstance(function.returns, ast.Constant) and function.returns.value is None:
        return True
    return any(_is_foreign_type(node) for node in annotations if node is not None)


def _documents_foreign_type(prompt: str) -> bool:
    types = (expression(match["type"]) for match in _TYPED.finditer(prompt))
    return any(_is_foreign_type(node) for node in types if node is not None)


def _is_foreign_type(annotation: ast.expr) -> bool:
    for node in ast.walk(annotation):
        match node:
            case ast.Name(id=name) if not is_builtin(name) and name not in _TYPES:
                return True
            case ast.Constant(value=str(text)):
                inner = expression(text)
                if inner is not None and _is_foreign_type(inner):
                    return True
    return False
