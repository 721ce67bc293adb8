"""A failing program as a syntax tree, the places where it can be edited, and edits."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from agent.parsing.source import bound_names, defined_beside, is_shallow, parse, unparse
from agent.parsing.statements import is_docstring
from agent.types import Problem
from agent.visible_tests.names import bound_by, names_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
_MAX_CHARS = 6_000
"""Characters of the longest program to edit."""


class Edit(NamedTuple):
    """A change of one field of one node of a program's tree."""

    kind: str
    """Name of the operator."""
    owner: ast.AST
    field: str
    value: object
    """The new value of the field: a node, an operator, a text, or a list of nodes."""
    line: int
    """Line of the edited statement, in the program's normal form."""


class Slot(NamedTuple):
    """An expression whose value a function reads, at its place in the tree."""

    node: ast.expr
    owner: ast.AST
    field: str
    place: int | None
    """Position in the field's list; None if the field is not a list."""
    statement: ast.stmt
    function: Function

    def edit(self, kind: str, new: ast.expr) -> Edit:
        """Return the edit that puts another expression in this place."""
        if self.place is None:
            return Edit(kind, self.owner, self.field, new, self.statement.lineno)
        nodes = [*getattr(self.owner, self.field)]
        nodes[self.place] = new
        return Edit(kind, self.owner, self.field, nodes, self.statement.lineno)

    @property
    def is_returned(self) -> bool:
        """Whether the expression is the value of a `return`."""
        return isinstance(self.owner, ast.Return)

    @property
    def is_passed(self) -> bool:
        """Whether the expression is an argument of a call."""
        return isinstance(self.owner, ast.Call) and self.field == "args"

    @property
    def is_condition(self) -> bool:
        """Whether only the truth of the expression matters."""
        return self.field == "test" or (
            isinstance(self.owner, ast.comprehension) and self.field == "ifs"
        )


class Block(NamedTuple):
    """A list of statements: a body, or the part after an `else`."""

    body: list[ast.stmt]
    owner: ast.AST
    field: str
    function: Function

    def edit(self, kind: str, body: Sequence[ast.stmt], line: int) -> Edit:
        """Return the edit that replaces the statements; an empty block becomes `pass`."""
        return Edit(kind, self.owner, self.field, [*body] or [ast.Pass()], line)


@dataclass(frozen=True, eq=False)
class EditableProgram:
    """A program that parses, without docstrings and in the normal form of `ast.unparse`."""

    number: int
    """Position in the pool of the candidate."""
    tree: ast.Module
    problem: Problem
    text: str
    """The program without docstrings, with a line for every simple statement."""
    docstrings: tuple[str, ...] = ()
    """The docstring of each function of the tree, empty if it has none."""
    kinds: tuple[str, ...] = ()
    """The operators of the edits that have led to it."""

    @property
    def whole(self) -> str:
        """The program with its docstrings."""
        return _with_docstrings(self.tree, self.docstrings) or self.text

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The functions that the program itself wrote: those of the prompt are right."""
        given = defined_beside(self.problem.prompt, self.problem.entry_point)
        last = {node.name: node for node in self.tree.body if isinstance(node, Function)}
        top = [n for n in self.tree.body if last.get(getattr(n, "name", ""), n) is n]
        own = [node for node in top if getattr(node, "name", "") not in given]
        nodes = (node for statement in own for node in ast.walk(statement))
        return tuple(node for node in nodes if isinstance(node, Function))

    @cached_property
    def entry(self) -> Function | None:
        """The function that the problem asks for."""
        name = self.problem.entry_point.rpartition(".")[2]
        return next((f for f in reversed(self.functions) if f.name == name), None)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of the entry point."""
        arguments = self.entry.args.args if self.entry is not None else ()
        return tuple(argument.arg for argument in arguments if argument.arg != "self")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks of the functions, outer ones first."""
        found: list[Block] = []
        for function in self.functions:
            pending = [Block(function.body, function, "body", function)]
            while pending:
                block = pending.pop(0)
                found.append(block)
                pending += _inner(block)
        return tuple(found)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """All expressions that the functions read, in the order of their statements."""
        return tuple(
            slot
            for block in self.blocks
            for statement in block.body
            if not isinstance(statement, (*_DEFINITIONS, ast.Import, ast.ImportFrom))
            and not is_docstring(statement)
            for slot in _slots(statement, statement, block.function)
        )

    @cached_property
    def names(self) -> dict[Function, tuple[str, ...]]:
        """The parameters and local variables of each function."""
        return {function: tuple(_names(function)) for function in self.functions}

    @cached_property
    def globals(self) -> set[str]:
        """The names that the program or its prompt binds outside functions."""
        return bound_names(self.tree) | defined_beside(self.problem.prompt, "")

    @cached_property
    def _reads(self) -> dict[ast.AST, set[str]]:
        return {}

    def reads(self, node: ast.AST) -> set[str]:
        """Return the variables that a node of the tree reads and does not bind itself."""
        if node not in self._reads:
            self._reads[node] = names_of(node) - bound_by(node)
        return self._reads[node]

    @cached_property
    def _dumps(self) -> dict[ast.AST, str]:
        return {}

    def dump(self, node: ast.AST) -> str:
        """Return a text for a node of the tree, the same one for equal nodes."""
        if node not in self._dumps:
            self._dumps[node] = ast.dump(node)
        return self._dumps[node]

    def begun_with(self, kind: str, statements: Sequence[ast.stmt]) -> Iterator[Edit]:
        """Yield the edit that puts statements before the entry point's own, if it has that."""
        if self.entry is not None:
            body = [*statements, *self.entry.body]
            yield Edit(kind, self.entry, "body", body, self.entry.lineno)

    def importing(self, imports: Sequence[ast.stmt]) -> Edit:
        """Return the edit that puts imports at the beginning, behind those of `__future__`."""
        body = self.tree.body
        first = max((i for i, node in enumerate(body, 1) if is_future(node)), default=0)
        return Edit("import", self.tree, "body", [*body[:first], *imports, *body[first:]], 0)

    def edited(self, edit: Edit, *, whole: bool = False) -> str | None:
        """Return the program with an edit; with its docstrings if `whole`. None if it has no text.

        An edit that would put a node into itself gives None, too.
        """
        before = getattr(edit.owner, edit.field)
        if _contains(_items(edit.value), _items(before), edit.owner):
            return None
        setattr(edit.owner, edit.field, edit.value)
        try:
            return _with_docstrings(self.tree, self.docstrings) if whole else self._text_at(edit)
        finally:
            setattr(edit.owner, edit.field, before)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _statements(self) -> dict[ast.AST, ast.stmt]:
        """The statement around each node, if it can be written anew without its block."""
        return {
            node: statement
            for block in self.blocks
            for statement in block.body
            if not isinstance(statement, _DEFINITIONS) and not _is_elif(statement, block)
            for node in _nodes(statement)
        }

    def _text_at(self, edit: Edit) -> str | None:
        """Return the text of the tree, of which only the edited statement is written anew."""
        statement = self._statements.get(edit.owner)
        text = None if statement is None else unparse(statement)
        if statement is None or text is None or '"""' in text or "'''" in text:
            return unparse(self.tree)
        first, last = statement.lineno, statement.end_lineno
        own = [statement.col_offset * " " + line for line in text.split("\n")]
        return "\n".join([*self._lines[: first - 1], *own, *self._lines[last:]])


def is_future(node: ast.stmt) -> bool:
    """Whether a statement imports from `__future__`, which no other statement may precede."""
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _contains(new: list[object], old: list[object], owner: ast.AST) -> bool:
    pending = [node for node in new if isinstance(node, ast.AST)]
    while pending:
        node = pending.pop()
        if node is owner:
            return True
        if node not in old:  # what was there before does not contain its owner
            pending += ast.iter_child_nodes(node)
    return False


def _nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the statement and its parts, without the inner statements."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        yield node
        pending += (n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.stmt))


def _is_elif(statement: ast.stmt, block: Block) -> bool:
    ifs = isinstance(statement, ast.If) and isinstance(block.owner, ast.If)
    return ifs and block.field == "orelse" and len(block.body) == 1


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = ("body", "orelse", "finalbody")


def read_program(number: int, source: str, problem: Problem) -> EditableProgram | None:
    """Return a program to edit; None if it does not parse, or is too large or too deep."""
    tree = parse(source) if len(source) <= _MAX_CHARS else None
    if tree is None or not is_shallow(tree):
        return None
    docstrings = tuple(_take_docstring(node) for node in _documented(tree))
    text = unparse(tree)
    if not text or (again := parse(text)) is None:
        return None
    return EditableProgram(number, again, problem, text, docstrings)


def _documented(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _take_docstring(node: ast.FunctionDef) -> str:
    first = node.body[0]
    if not is_docstring(first) or not isinstance(first, ast.Expr):
        return ""
    node.body = node.body[1:] or [ast.Pass()]
    return str(ast.literal_eval(first.value))


def _with_docstrings(tree: ast.Module, docstrings: Sequence[str]) -> str | None:
    nodes = _documented(tree)
    if len(nodes) != len(docstrings):
        return unparse(tree)
    bodies = [node.body for node in nodes]
    for node, text in zip(nodes, docstrings, strict=True):
        if text:
            node.body = [ast.Expr(ast.Constant(text)), *node.body]
    try:
        return unparse(tree)
    finally:
        for node, body in zip(nodes, bodies, strict=True):
            node.body = body


def _inner(block: Block) -> Iterator[Block]:
    for statement in block.body:
        if isinstance(statement, _DEFINITIONS):
            continue
        parts: list[ast.AST] = [statement, *getattr(statement, "handlers", ())]
        for part in parts:
            for name in _BLOCKS:
                if body := getattr(part, name, None):
                    yield Block(body, part, name, block.function)


def _slots(node: ast.AST, statement: ast.stmt, function: Function) -> Iterator[Slot]:
    """Yield the expressions of a statement, outer ones first, without those of inner statements."""
    for name, value in ast.iter_fields(node):
        for index, item in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(item, (ast.expr, ast.comprehension, ast.keyword)):
                if isinstance(item, ast.expr) and _is_read(item):
                    yield Slot(item, node, name, index, statement, function)
                yield from _slots(item, statement, function)


def _is_read(node: ast.expr) -> bool:
    if isinstance(node, (ast.Starred, ast.Slice, ast.JoinedStr, ast.FormattedValue)):
        return False
    return not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))


def _names(function: Function) -> dict[str, None]:
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    stored = (
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return dict.fromkeys([*(argument.arg for argument in given if argument.arg != "self"), *stored])
