"""Program texts: a canonical form, and completions for samples files."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from agent.parsing.source import parse, unparse
from agent.parsing.statements import is_docstring
from agent.types import Problem

FUTURE = r"^from __future__ import .*\n"
"""Pattern, for re.MULTILINE, of a line that Python allows only at the top of a file."""
_FILLERS = ("\n", "    pass\n\n", "\n    pass\n\n", "pass\n\n", "\n        pass\n\n")


def completion_of(problem: Problem, source: str) -> str:
    """Return the completion for a samples file: the prompt and it together behave like `source`.

    If `source` does not begin with the prompt, the completion closes the prompt's function and
    defines it again. It leaves out `from __future__` lines, which are not allowed there.
    """
    if source.startswith(problem.prompt):
        return source[len(problem.prompt) :]
    for filler in _FILLERS:
        if parse(problem.prompt + filler) is not None:
            return filler + re.sub(FUTURE, "", source, flags=re.MULTILINE)
    return "\n" + source


@lru_cache(maxsize=4096)  # guards and selectors pass the same programs repeatedly
def canonical(source: str) -> str:
    """Return the same text for all programs that differ only in layout, comments and docstrings.

    A text that does not parse is returned unchanged.
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
