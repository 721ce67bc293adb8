"""Program texts: a canonical form, groups that share it, and completions for samples files."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable
from functools import lru_cache

from agent.answers.asked import asked_function
from agent.parsing.fences import fenced_blocks, wrapped_blocks
from agent.parsing.marks import without_thinking
from agent.parsing.source import parse, unparse
from agent.parsing.statements import is_docstring, is_stub
from agent.types import Candidate, Problem

FUTURE = r"^from __future__ import .*\n"
"""Pattern, for re.MULTILINE, of a line that Python allows only at the top of a file."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*?(?:^[ \t]*(?:```|~~~)|\Z)", re.DOTALL | re.MULTILINE)
_FILLERS = ("\n", "    pass\n\n", "\n    pass\n\n", "pass\n\n", "\n        pass\n\n")


def as_drafts(programs: Iterable[str]) -> tuple[Candidate, ...]:
    """Return programs as the drafts of a pool."""
    return tuple(Candidate(id=i, source=source) for i, source in enumerate(programs))


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


def defines_function(problem: Problem, text: str) -> bool:
    """Whether an answer holds a whole definition of the entry point.

    Changed lines, a diff, prose and a stub are none. A definition that does not parse is one: it is
    a wrong program.
    """
    answer, asked = without_thinking(text), asked_function(problem)
    blocks = fenced_blocks(answer) or wrapped_blocks(answer)
    return any(
        asked.is_begun_in(part) and not _is_diff(part) and not is_stub_program(problem, part)
        for part in (*blocks, _FENCE.sub("", answer))
    )


def _is_diff(text: str) -> bool:
    signs = {line[0] for line in text.splitlines() if line[:1] in {"+", "-"}}
    return len(signs) == 2 or re.search(r"^@@ ", text, re.MULTILINE) is not None


def is_stub_program(problem: Problem, source: str) -> bool:
    """Whether a program's entry point has no body: a docstring, `...` or `pass` at most."""
    tree = parse(textwrap.dedent(source))
    return tree is not None and is_stub(asked_function(problem).node_in(tree))


def with_prompt(problem: Problem, code: str) -> str:
    """Return the code if it defines the entry point, else prompt and code."""
    return code if asked_function(problem).is_begun_in(code) else problem.prompt + code


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


def alike(programs: Iterable[str]) -> list[list[str]]:
    """Return the distinct programs in groups: those that differ only in layout and comments.

    Only programs with the same words are compared, since parsing takes a while.
    """
    by_words: dict[str, list[str]] = {}
    for program in dict.fromkeys(programs):
        words = sorted(re.findall(r"\w+", re.sub(r"#.*", "", program)))
        by_words.setdefault(" ".join(words), []).append(program)
    groups: dict[str, list[str]] = {}
    for same in by_words.values():
        for program in same:
            key = program if len(same) == 1 else canonical(program)
            groups.setdefault(key, []).append(program)
    return list(groups.values())
