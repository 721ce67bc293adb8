"""The identity of the synthesiser in stores and reports: a hash of its code."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypeGuard

_FORMER_NAMES = {
    "1e95acba5ba9d2aef15672571fbe2aeefa6f4c5a6f9b3af6c2de3deae132a076": "3a8b390e1a39",
    "fc4c7c5c899839b312ab65d24232ce73498d4485b856414691f52cc392f65d5e": "3a8b390e1a39",
}
"""Names in stores, by the present hash: of code whose hash then covered more than code, and of
faster code that was seen to give the same answers (experiments/LOG.md)."""


@cache
def package_hash() -> str:
    """Return the hash of the package's code; moved files and new docstrings do not change it."""
    own = Path(__file__)
    paths = (path for path in own.parent.rglob("*.py") if path != own)
    digest = source_hash(path.read_text("utf-8") for path in paths)
    return _FORMER_NAMES.get(digest, digest)


def source_hash(sources: Iterable[str]) -> str:
    """Return one hash of some Python sources, regardless of their order and names."""
    codes = sorted(hashlib.sha256(code_of(source).encode()).hexdigest() for source in sources)
    return hashlib.sha256("".join(codes).encode()).hexdigest()


def code_of(source: str) -> str:
    """Return the lines that can change an answer: no imports, docstrings, comments, blank lines."""
    left_out = {
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Import, ast.ImportFrom)) or _is_text(node)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = dict(enumerate(source.splitlines(), start=1))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            number, column = token.start
            lines[number] = lines[number][:column]
    kept = (line.rstrip() for number, line in lines.items() if number not in left_out)
    return "\n".join(line for line in kept if line)


def _is_text(node: ast.AST) -> TypeGuard[ast.Expr]:
    """Whether a node is a docstring, or another constant that is a statement by itself."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
