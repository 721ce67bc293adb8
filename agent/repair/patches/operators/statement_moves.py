"""Statements: one too many, or in the wrong place, such as a `return` inside of its loop.

Sources: deletion and exchange of statements of GenProg (Le Goues et al., 2012) and Kali (Qi et al.,
ISSTA 2015); "move statement" of TBar (Liu et al., ISSTA 2019).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from agent.repair.patches.material import Material
from agent.repair.patches.program import Block, Edit, EditableProgram

_COMPOUND = (ast.For, ast.While, ast.If, ast.With, ast.Try)


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield deletions, unwrapped blocks, and statements moved into or out of the block beside."""
    for block in program.blocks:
        for index, statement in enumerate(block.body):
            before, after = block.body[:index], block.body[index + 1 :]
            for kind, body in (("delete", []), *_taken_apart(statement)):
                yield block.edit(kind, [*before, *body, *after], statement.lineno)
        yield from _swapped(block)
        yield from _moved_out(block)
        yield from _moved_in(block)


def _taken_apart(statement: ast.stmt) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Yield statements in place of one: its body, or its branches one after another."""
    if isinstance(statement, _COMPOUND):
        yield "unwrap block", statement.body
    match statement:
        case ast.If(test=test, body=body, orelse=[_, *_] as other):
            alone = ast.If(test, body, [])
            yield "drop branch", [alone]
            yield "split branches", [alone, *other]
        case (
            ast.For(body=[*before, ast.If(orelse=[_, *_]) as last])
            | ast.While(body=[*before, ast.If(orelse=[_, *_]) as last])
        ):
            kept = ast.If(last.test, last.body, [])
            yield "unindent branch", [_with_body(statement, [*before, kept]), *last.orelse]


def _swapped(block: Block) -> Iterator[Edit]:
    """Yield statements in the place of the one beside."""
    for index, (first, second) in enumerate(pairwise(block.body)):
        body = [*block.body[:index], second, first, *block.body[index + 2 :]]
        yield block.edit("swap statements", body, first.lineno)


def _moved_out(block: Block) -> Iterator[Edit]:
    """Yield each block's last statement, moved behind the statement that has the block."""
    for index, statement in enumerate(block.body):
        inner = getattr(statement, "body", None)
        if not isinstance(statement, _COMPOUND) or not inner or len(inner) < 2:
            continue
        less = _with_body(statement, inner[:-1])
        body = [*block.body[:index], less, inner[-1], *block.body[index + 1 :]]
        yield block.edit("unindent", body, inner[-1].lineno)


def _moved_in(block: Block) -> Iterator[Edit]:
    """Yield statements that follow a compound one, moved to the end of its body."""
    for index, statement in enumerate(block.body[:-1]):
        if isinstance(statement, _COMPOUND):
            following = block.body[index + 1]
            more = _with_body(statement, [*statement.body, following])
            body = [*block.body[:index], more, *block.body[index + 2 :]]
            yield block.edit("indent", body, following.lineno)


def _with_body(statement: ast.stmt, body: list[ast.stmt]) -> ast.stmt:
    fields = dict(ast.iter_fields(statement)) | {"body": body}
    return type(statement)(**fields, lineno=statement.lineno)
