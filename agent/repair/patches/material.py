"""Material for edits: the literals of the prompt, and the other drafts."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.parsing.source import parse
from agent.repair.patches.program import EditableProgram
from agent.types import Problem

Literal = int | str
"""A number or text of the prompt; truth values are not among them."""
_MAX_LITERALS = 12
_MAX_LENGTH = 20
_NUMBER = re.compile(r"(?<![\w.])\d{1,6}(?![\w.])")


@dataclass(frozen=True)
class Material:
    """The ingredients of edits, apart from the program itself."""

    literals: tuple[Literal, ...]
    """Numbers and texts that the prompt mentions, in order."""
    donors: tuple[EditableProgram, ...]
    """The drafts, best first."""


def make_material(
    problem: Problem, tests: Sequence[str], donors: tuple[EditableProgram, ...]
) -> Material:
    """Return the material of a problem: literals of its examples, then numbers of its prompt."""
    trees = [tree for tree in map(parse, tests) if tree is not None]
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    found = (node.value for node in nodes)
    values: list[Literal] = [
        v for v in found if isinstance(v, int | str) and not isinstance(v, bool)
    ]
    values += map(int, _NUMBER.findall(problem.prompt))
    short = dict.fromkeys(value for value in values if len(str(value)) <= _MAX_LENGTH)
    return Material(tuple(short)[:_MAX_LITERALS], donors)
