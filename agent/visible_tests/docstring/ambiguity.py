"""Ambiguity of prompts: an example is not a test if the docstring accepts other values too."""

from __future__ import annotations

import ast
import re

from agent.parsing.source import expression
from agent.visible_tests.docstring.page import DocstringExample, Page

_ORDER = re.compile(
    r"\b(?:return|answer|output|result|solution|list)\w*\b[^.\n]*(?:\n[^.\n]*)?\bin\s+any\s+order\b"
    r"|\border\b[^.\n]*\b(?:does\s+not|doesn't)\s+matter\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    r"\b(?:return|output|print|give)s?\s+any\s+(?:one\s+)?(?:of\s+(?:them|those|these|the)"
    r"|valid|correct|possible|such)\b"
    r"|\bany\s+(?:valid\s+|correct\s+)?(?:answer|solution|result|output)\s+(?:is|will\s+be)"
    r"\s+accepted\b",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    r"\b(?:within|error\s+of|tolerance\s+of|up\s+to)\s+(?:10\s*(?:\^|\*\*)?\s*[-−{(]|1e-|0\.0)",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"\b(?:do(?:es)?\s+not|don't|doesn't|without)\s+return(?:ing)?\s+anything\b", re.IGNORECASE
)
_UNORDERED = frozenset({"set", "frozenset", "sorted", "len", "sum", "min", "max"})


def is_left_open(page: Page, example: DocstringExample) -> bool:
    """Whether the docstring says that other values are as correct as the example's."""
    value, call = expression(example.expected or ""), expression(example.call)
    if value is None or call is None or example.form == "assert":
        return False  # an assert states its own comparison
    if _CHOICE.search(page.text):
        return True
    if example.form == "Input/Output" and example.expected != "None" and _NOTHING.search(page.text):
        return True
    if _CLOSE.search(page.text) and any(_is_float(node) for node in ast.walk(value)):
        return True
    return _ORDER.search(page.text) is not None and _has_order(value) and not _ignores_order(call)


def _is_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _has_order(value: ast.expr) -> bool:
    several = (node for node in ast.walk(value) if isinstance(node, (ast.List, ast.Tuple)))
    return any(len(node.elts) > 1 for node in several)


def _ignores_order(call: ast.expr) -> bool:
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in _UNORDERED
    )
