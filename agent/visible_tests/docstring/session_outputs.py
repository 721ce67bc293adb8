"""The output of a step of a session, as a value, as printed text, or as an exception."""

from __future__ import annotations

import ast
import re

from agent.parsing.source import expression, unparse
from agent.visible_tests.docstring.page import Page
from agent.visible_tests.docstring.sessions import Step
from agent.visible_tests.literals import readings

_RAISED = re.compile(r"(?:[\w.]+\.)?(?P<name>[A-Z]\w*)(?::.*)?$")
_PROSE = re.compile(r"[(#]?\s*[A-Z][\w']*,?(?:\s+\S+){2,}")
_TEXT = re.compile(r"\breturn\w*\b[^.\n]*\b(?:string|text|str)\b", re.IGNORECASE)
_NEUTRAL = frozenset({
    "set", "frozenset", "sorted", "len", "sum", "min", "max", "any", "all", "Counter", "dict",
})  # fmt: skip
"""Functions whose result does not depend on the order of what they are given."""
_ORDERING = frozenset({
    "list", "tuple", "iter", "next", "enumerate", "str", "repr", "zip", "map", "filter", "reversed",
    "join", "format", "deque",
})  # fmt: skip
_SETS = re.compile(r"(?:typing\.|collections\.abc\.|t\.)?(?:[Ss]et|[Ff]rozen[Ss]et|AbstractSet)\b")

_SET_TEXT = re.compile(
    r"\b(?:return\w*|a|the)\s+(?:(?:a|the|new|frozen)\s+)*(?:frozen)?set\b"
    r"|^[ \t]*\{[^:\n]*\}[ \t]*$",
    re.MULTILINE,
)


def value_shown(page: Page, step: Step) -> str | None:
    """Return the value that the output writes; a sentence below the value does not belong to it."""
    lines = [line.strip() for line in step.output]
    for count in range(len(lines), 0, -1):
        if count < len(lines) and not _PROSE.match(lines[count]):
            continue
        source = page.value_of("\n".join(lines[:count]), "shown")
        node = expression(source) if source else None
        if node is not None and _is_representation(node):
            has_spaces = step.is_joined and any(map(_has_space, ast.walk(node)))
            return None if has_spaces else unparse(node) if "#" in f"{source}" else source
    return None


def is_prose(step: Step) -> bool:
    """Whether the lines below a step are a sentence of the docstring."""
    return bool(step.output) and _PROSE.match(step.output[0].strip()) is not None


def representation_shown(page: Page, step: Step) -> str | None:
    """Return the output if it is the `repr` of an object of a class of the prompt."""
    name = step.output[0].strip().partition("(")[0] if len(step.output) == 1 else ""
    text = _text(page, step)
    made = name in page.names.shown or (page.callee.is_class and name == page.entry_point)
    node = expression(text) if text and made else None
    return text if isinstance(node, ast.Call) and not _has_sets(node) else None


def printed(page: Page, step: Step, call: ast.Call) -> tuple[ast.expr, str] | None:
    """Return what a call of `print` shows, and the value or text that is shown."""
    text, shown = _text(page, step), _printed_expression(call)
    if not step.output or text is None or shown is None:
        return None
    value = page._replace(escapes=False).value_of(text, "shown")
    node = expression(value) if value else None
    single = len(call.args) == 1 and not isinstance(call.args[0], ast.Starred)
    if not single and any(_is_set(page, item) for item in call.args):
        return None
    if value is not None and node is not None and _has_open_text(node):
        return (call.args[0], value) if single and not _may_be_text(page) else None
    if step.is_joined:
        shown, text = _joined_words(shown), " ".join(text.split())
    return shown, repr(text)


def raised(step: Step) -> str | None:
    """Return the name of the exception at the end of a traceback."""
    margin = _indent(step.output[0])
    ends = (line.strip() for line in step.output[1:] if _indent(line) <= margin)
    last = next(ends, "")
    match = _RAISED.match(last)
    return match["name"] if match else None


def has_open_order(page: Page, node: ast.expr) -> bool:
    """Whether an expression makes a sequence of a set, whose order is not fixed."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _NEUTRAL:
            return False
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _ORDERING:
            if any(_is_set(page, item) for item in node.args):
                return True
        case ast.ListComp(generators=[first, *_]) | ast.GeneratorExp(generators=[first, *_]):
            if _is_set(page, first.iter):
                return True
        case ast.Starred(value=value) | ast.FormattedValue(value=value):
            if _is_set(page, value):
                return True
    inner = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
    return any(has_open_order(page, child) for child in inner)


def _has_open_text(node: ast.expr) -> bool:
    """Whether equal values may be printed in different ways, such as sets and `Counter`."""
    return _has_sets(node) or any(isinstance(item, ast.Call) for item in ast.walk(node))


def _has_sets(node: ast.expr) -> bool:
    return any(isinstance(item, ast.Set) and len(item.elts) > 1 for item in ast.walk(node))


def _is_set(page: Page, node: ast.expr) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in {"set", "frozenset"} or (name == page.entry_point and _gives_set(page))
        case ast.BinOp(left=left, right=right):
            return _is_set(page, left) or _is_set(page, right)
        case _:
            return False


def _gives_set(page: Page) -> bool:
    returns = page.callee.returns
    return bool(_SETS.match(returns) if returns else _SET_TEXT.search(page.text))


def _is_representation(node: ast.expr) -> bool:
    """Whether a value may be what Python shows: the only arithmetic in it is a complex number."""
    return all(
        isinstance(item.right, ast.Constant) and isinstance(item.right.value, complex)
        for item in ast.walk(node)
        if isinstance(item, ast.BinOp)
    )


def _has_space(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and bool(re.search(r"\s", str(node.value)))


def _text(page: Page, step: Step) -> str | None:
    """Return the output without the margin that it shares with the `>>>`."""
    lines = []
    for line in step.output:
        inner = line.expandtabs()[step.margin :]
        if line.expandtabs()[: step.margin].strip() or "\t" in line.strip():
            return None
        lines.append("" if inner.rstrip() == "<BLANKLINE>" else inner)
    text = next(readings("\n".join(lines), escapes=page.escapes))
    plain = "\t" not in text and len(text.split("\n")) == len(lines)
    return text if plain else None


def _printed_expression(call: ast.Call) -> ast.expr | None:
    """Return an expression of the text that a call of `print` shows."""
    separator = " "
    for keyword in call.keywords:
        match keyword:
            case ast.keyword(arg="sep", value=ast.Constant(value=str(text))):
                separator = text
            case _:
                return None
    match call.args:
        case []:
            return None
        case [item] if not isinstance(item, ast.Starred):
            return ast.Call(ast.Name("str"), [item], [])
    texts = ast.Call(ast.Name("map"), [ast.Name("str"), ast.List(call.args, ast.Load())], [])
    return ast.Call(ast.Attribute(ast.Constant(separator), "join"), [texts], [])


def _joined_words(node: ast.expr) -> ast.expr:
    words = ast.Call(ast.Attribute(node, "split"), [], [])
    return ast.Call(ast.Attribute(ast.Constant(" "), "join"), [words], [])


def _may_be_text(page: Page) -> bool:
    returns = page.callee.returns
    return "str" in returns if returns else _TEXT.search(page.text) is not None


def _indent(line: str) -> int:
    return len(line.expandtabs()) - len(line.expandtabs().lstrip())
