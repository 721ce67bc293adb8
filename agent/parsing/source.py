"""Parsing of text that may or may not be Python. No function raises for any text."""

from __future__ import annotations

import ast
import builtins
import io
import tokenize
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from agent.types import normalised

_REFUSED = (SyntaxError, ValueError, RecursionError, MemoryError)
"""Errors of `ast` for text that is not a program: bad syntax, null bytes, too deep, too large."""

_MAX_DEPTH = 80


def parse(source: str) -> ast.Module | None:
    """Return the syntax tree; None if the text is not a program. Python's warnings are hidden."""
    tree, _ = parse_or_line(source)
    return tree


def prelude(prompt: str) -> str:
    """Return the part of a prompt that tests run with: all of it if it is Python, else ''."""
    return prompt if parse(prompt) is not None else ""


def defined_beside(prompt: str, entry_point: str) -> frozenset[str]:
    """Return the names that a prompt defines or imports at top level, except its entry point."""
    tree = parse(prompt)
    found: set[str] = set()
    for node in tree.body if tree else ():
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {item.asname or item.name.partition(".")[0] for item in names}
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(found - {entry_point, "*"})


def bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a module binds outside functions and classes; `*` for a star import."""
    found: set[str] = set()
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
                continue
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.alias():
                found.add(node.asname or node.name.partition(".")[0])
            case ast.Lambda():
                continue
        pending += ast.iter_child_nodes(node)
    return found


def compiles(source: str) -> bool:
    """Whether Python compiles the text: it refuses some that parse, such as a stray `return`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "<program>", "exec", dont_inherit=True)
        except (*_REFUSED, OverflowError):
            return False
    return True


def defines_class(prompt: str) -> bool:
    """Whether a prompt defines a class at its top level, even if it is not a whole program."""
    tokens = list(_tokens(prompt))
    return any(
        word.string == "class" and word.start[1] == 0 and after.string in {":", "(", "["}
        for word, _, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def parse_or_line(source: str) -> tuple[ast.Module | None, int]:
    """Return the syntax tree and 0, or None and the line of the syntax error (0 if unknown)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source), 0
        except SyntaxError as error:
            return None, error.lineno or 0
        except _REFUSED:
            return None, 0


def expression(text: str) -> ast.expr | None:
    """Return the single expression of a text, ignoring lines and indentation; else None."""
    tree = parse(f"(\n{text}\n)")
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    # `1) + (2` parses only inside brackets and is rejected; `1, 2` parses without them, too.
    flat = parse(text.strip()) or parse(" ".join(text.split()))
    return tree.body[0].value if flat is not None and is_shallow(tree) else None


def is_shallow(tree: ast.AST) -> bool:
    """Whether a tree is shallow enough for recursive functions."""
    level: list[ast.AST] = [tree]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return not level


def unparse(node: ast.AST) -> str | None:
    """Return the tree as text; None if it is too deep or has a number that is too large."""
    try:
        return ast.unparse(node)
    except (ValueError, RecursionError):
        return None


def is_builtin(name: str) -> bool:
    """Whether the name is a built-in of Python."""
    return hasattr(builtins, name)


class Text(NamedTuple):
    """The content of a string literal, as offsets in the source."""

    start: int
    end: int
    quote: str
    """Quote characters of the literal; empty if the text is not a literal."""
    raw: bool


class EntryPoint(NamedTuple):
    """The position of an entry point's definition in a prompt."""

    start: int
    """Offset of the first line: that of the first decorator, else of `def`."""
    header: int
    """Offset after the colon that ends the header."""
    parameters: tuple[str, ...]
    docstring: Text | None


def find_function(source: str, name: str) -> EntryPoint | None:
    """Return the last definition of a function in a source, even an incomplete one; else None."""
    tokens = list(_tokens(source))
    starts = _line_starts(source)
    for index in reversed(range(len(tokens) - 1)):
        if tokens[index].string == "def" and normalised(tokens[index + 1].string) == name:
            return _function(source, tokens, index, starts)
    return None


def find_class(source: str, name: str) -> tuple[Text, ...] | None:
    """Return the docstrings of a class of the top level and of its methods; None without it."""
    tokens = list(_tokens(source))
    starts = _line_starts(source)
    found = None
    for index, token in enumerate(tokens[:-1]):
        if token.start[1] == 0 and token.string == "class" and tokens[index + 1].string == name:
            found = index
    if found is None:
        return None
    texts = [_docstring(tokens, _header_end(tokens, found), starts)]
    for index in range(found + 1, len(tokens)):
        if tokens[index].start[1] == 0 and tokens[index].type not in {*_LAYOUT, tokenize.STRING}:
            break
        if tokens[index].string == "def":
            texts.append(_docstring(tokens, _header_end(tokens, index), starts))
    return tuple(text for text in texts if text is not None)


def find_module_docstring(source: str) -> Text | None:
    """Return the first string statement outside functions: the task, in MBPP's prompts."""
    starts = _line_starts(source)
    previous = None
    for token in _tokens(source):
        if token.type in _LAYOUT:
            continue
        if token.type == tokenize.STRING and token.start[1] == 0 and previous != "\\":
            return _inside(token, starts)
        if token.string in {"def", "class"}:
            return None
        previous = token.string
    return None


_LAYOUT = frozenset(
    {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT}
)


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """Yield the tokens that precede the tokenizer's first error."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, *_REFUSED):
        return


def _line_starts(source: str) -> list[int]:
    starts = [0, 0]
    for line in io.StringIO(source):
        starts.append(starts[-1] + len(line))
    return starts


def _function(
    source: str, tokens: list[tokenize.TokenInfo], index: int, starts: list[int]
) -> EntryPoint:
    colon = _header_end(tokens, index)
    header = starts[tokens[colon].end[0]] + tokens[colon].end[1]
    begin = starts[tokens[index].start[0]] + tokens[index].start[1]
    return EntryPoint(
        start=starts[_first_line(tokens, index)],
        header=header,
        parameters=_parameters(source[begin:header]),
        docstring=_docstring(tokens, colon, starts),
    )


def _header_end(tokens: list[tokenize.TokenInfo], index: int) -> int:
    """Return the index of the colon that ends a header, or of the last token."""
    depth = 0
    for position in range(index, len(tokens)):
        text = tokens[position].string
        depth += (text in {"(", "[", "{"}) - (text in {")", "]", "}"})
        if text == ":" and depth == 0:
            return position
    return len(tokens) - 1


def _first_line(tokens: list[tokenize.TokenInfo], index: int) -> int:
    """Return the line of the first decorator of the definition at `index`, else of `def`."""
    line, column = tokens[index].start[0], tokens[index].start[1]
    for token in reversed(tokens[:index]):
        if token.type in _LAYOUT or token.string == "async":
            continue
        words = token.line.strip()
        if not words.startswith("@") or token.line.index("@") > column:
            break
        line = token.start[0]
    return line


def _parameters(header: str) -> tuple[str, ...]:
    tree = parse(f"{header} pass")
    if tree is None or not isinstance(tree.body[0], ast.FunctionDef):
        return ()
    given = tree.body[0].args
    return tuple(argument.arg for argument in (*given.posonlyargs, *given.args))


def _docstring(tokens: list[tokenize.TokenInfo], colon: int, starts: list[int]) -> Text | None:
    """Return the first string statement of a body. Other statements may precede it."""
    at_start = True
    depth = 0
    for token in tokens[colon + 1 :]:
        depth += (token.type == tokenize.INDENT) - (token.type == tokenize.DEDENT)
        if token.type == tokenize.DEDENT and depth <= 0:
            return None
        if token.type == tokenize.STRING and at_start:
            return _inside(token, starts)
        at_start = token.type in _LAYOUT
    return None


def _inside(token: tokenize.TokenInfo, starts: list[int]) -> Text:
    prefix = token.string[: token.string.index(token.string[-1])]
    body = token.string[len(prefix) :]
    quote = body[:3] if body[:3] in {'"""', "'''"} and len(body) >= 6 else body[0]
    start = starts[token.start[0]] + token.start[1] + len(prefix) + len(quote)
    end = starts[token.end[0]] + token.end[1] - len(quote)
    return Text(start, end, quote, "r" in prefix.lower())
