"""Programs as texts: two with the same meaning, and what a samples file holds of one."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from agent.parsing.source import parse, unparse
from agent.parsing.statements import is_docstring
from agent.types import Problem

FUTURE = r"^from __future__ import .*\n"
"""A line that Python wants on top (a pattern for MULTILINE)."""
_FILLERS = ("\n", "    pass\n\n", "\n    pass\n\n", "pass\n\n", "\n        pass\n\n")


def completion_of(problem: Problem, source: str) -> str:
    """Return what follows the prompt in a samples file: both together act as `source`.

    The prompt's own function is closed, and defined anew by the source. A `from __future__` line
    cannot stand there and is left out.
    """
    if source.startswith(problem.prompt):
        return source[len(problem.prompt) :]
    for filler in _FILLERS:
        if parse(problem.prompt + filler) is not None:
            return filler + re.sub(FUTURE, "", source, flags=re.MULTILINE)
    return "\n" + source


@lru_cache(maxsize=4096)  # guards and selectors ask for the same programs again and again
def canonical(source: str) -> str:
    """One text for all programs that differ in layout, comments and docstrings only.

    A text that does not parse stands for itself.
    """
    tree = parse(source)
    if tree is None:
        return source
    for node in list(ast.walk(tree)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if is_docstring(node.body[0] if node.body else None):
                node.body = node.body[1:]
            if not node.body and not isinstance(node, ast.Module):
                node.body = [ast.Pass()]
    return unparse(tree) or source
