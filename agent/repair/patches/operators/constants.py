"""Constants: a number off by one, an empty value of another type, or a literal of the prompt.

Source: constant replacement of the Mothra operators (King and Offutt, A Fortran Language System for
Mutation-Based Software Testing, 1991); literals of the task as in synthesis by examples.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from agent.repair.patches.material import Literal, Material
from agent.repair.patches.program import Edit, EditableProgram, Slot

_EMPTY: tuple[Literal | None, ...] = (0, 1, "", None, False, True, -1, 2)
_SMALL: dict[type, tuple[Literal, ...]] = {int: (0, 1, 2, 10), str: ("", " ")}


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield other values for the constants and the empty displays of the program."""
    for slot in program.slots:
        for kind, new in _others(slot, material):
            if ast.dump(new) != ast.dump(slot.node):
                yield slot.edit(f"constant {kind}", new)


def _others(slot: Slot, material: Material) -> Iterator[tuple[str, ast.expr]]:
    match slot.node:
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            yield from _empty_values()
        case ast.Constant(value=value) if isinstance(value, (int, str)) or value is None:
            if slot.is_returned or isinstance(value, (bool, type(None))):
                yield from _empty_values()
            if isinstance(value, (bool, type(None))):
                return
            if isinstance(value, int):
                yield from (("by one", constant(new)) for new in (value + 1, value - 1))
            yield from (("small", constant(new)) for new in _SMALL[type(value)])
            if isinstance(slot.owner, ast.Assign) and isinstance(value, int):
                yield from (("infinite", node) for node in _infinities())
            for new in material.literals:
                if type(new) is type(value):
                    yield "of the prompt", constant(new)


def constant(value: Literal | None) -> ast.expr:
    """Return a constant, as Python's parser makes it."""
    if isinstance(value, int) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _empty_values() -> Iterator[tuple[str, ast.expr]]:
    nodes = (*map(constant, _EMPTY), ast.List([], ast.Load()), ast.Tuple([], ast.Load()))
    yield from (("empty", node) for node in (*nodes, ast.Dict([], [])))


def _infinities() -> Iterator[ast.expr]:
    for text in ("inf", "-inf"):
        yield ast.Call(ast.Name("float", ast.Load()), [ast.Constant(text)], [])
