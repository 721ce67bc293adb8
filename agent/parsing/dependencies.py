"""Top-level statements by the names that they read, bind and change; cuts of what is not needed.

The scopes of names come from the standard library's `symtable`. No statement is changed.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.parsing.source import is_builtin, parse, unparse
from agent.parsing.statements import (
    first_line,
    is_definition,
    is_idle,
    lines_of,
    names_bound,
)

_AT_ONCE = frozenset({"listcomp", "setcomp", "dictcomp", "genexpr"})
"""Names of the function scopes that run as soon as the statement does."""
_DEMO_CALLS = frozenset(
    {
        "print", "pprint", "pp", "input", "exit", "_exit", "quit", "abort", "main", "testmod",
        "run_docstring_examples", "sleep", "write", "writelines", "flush", "show", "breakpoint",
        "set_trace", "help", "display", "run", "system",
    }
)  # fmt: skip
"""Calls that show, test or end something, but set nothing up."""
_SETTINGS = frozenset(
    {
        "setrecursionlimit", "set_int_max_str_digits", "getcontext", "setcontext", "seed",
        "globals",
    }
)  # fmt: skip
"""Calls that change the interpreter, the thread or the module for all functions."""
_SETTERS = frozenset({"setattr", "delattr"})
"""Calls that change their first argument, whatever it is."""


class _Names(NamedTuple):
    """The names of one top-level statement."""

    binds: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    """Names read as soon as the statement runs."""
    deferred: frozenset[str] = frozenset()
    """Global names of the functions that it defines, used when they are called."""
    roots: frozenset[str] = frozenset()
    """Names of objects that an assignment, or a call of a method, may change."""
    passed: frozenset[str] = frozenset()
    """Names in calls that are statements: of the functions, and of their arguments."""
    rebinds: frozenset[str] = frozenset()
    """Names in `deferred` that those functions declare as global and assign."""
    kind: str = ""
    """`import`, `function` (classes included) or empty."""
    setting: bool = False
    """Whether it changes a setting of the interpreter."""


def without_demo(code: str, name: str, *, runs_on: bool = False) -> str:
    """Return the code without demo calls, asserts and the main block after the entry point.

    A statement stays if it is a definition, or if it binds or changes what a statement that stays
    reads. Expressions without effect are cut everywhere: a lone word is prose. `runs_on`: the code
    ends where it binds the entry point again, and a definition after it stays only if it is needed,
    since a base model goes on with functions of other tasks.
    """
    tree = parse(code)
    if tree is None:
        return code
    body, names = list(tree.body), [_names(node) for node in tree.body]
    first = next(index for index, node in enumerate(body) if name in names_bound(node))
    if runs_on:
        after = range(first + 1, len(body))
        end = next((index for index in after if name in names[index].binds), len(body))
        body, names = body[:end], names[:end]
        code = _lines_kept(code, tree.body, set(range(end)))
    always = {
        index
        for index, node in enumerate(body)
        if (index <= first and not is_idle(node)) or (not runs_on and is_definition(node))
    }
    return _lines_kept(code, body, _needed(body, names, name, frozenset({name}), always))


def needed_part(block: str, code: str, name: str) -> str:
    """Return the statements of an earlier block that the code needs, or ''.

    `name` is the entry point. The statements that bind it in the block are another draft.
    """
    earlier, tree = parse(block), parse(code)
    if earlier is None or tree is None:
        return ""
    names = [_names(node) for node in tree.body]
    own = {name, *_bound(names)}
    usable = [ast.Pass() if names_bound(node) & own else node for node in earlier.body]
    theirs = [_names(node) for node in usable]
    defined = _bound([one for node, one in zip(usable, theirs, strict=True) if is_definition(node)])
    missing = _unbound(names, name)
    wanted = frozenset(read for read in missing if read in defined or not is_builtin(read))
    kept = _needed(usable, theirs, name, wanted, set())
    part = _lines_kept(block, earlier.body, kept).strip() if kept else ""
    return f"{part}\n\n" if part else ""


def unbound_names(code: str, name: str) -> frozenset[str]:
    """Return the names that a program's entry point needs and that it does not bind."""
    tree = parse(code)
    return frozenset() if tree is None else _unbound([_names(node) for node in tree.body], name)


def _unbound(names: Sequence[_Names], name: str) -> frozenset[str]:
    """Return the names that statements read, or functions that are called, and none binds."""
    return _closure(names, set(range(len(names))), frozenset({name})) - _bound(names)


def _bound(names: Sequence[_Names]) -> frozenset[str]:
    return frozenset().union(*(one.binds for one in names))


def _needed(
    body: Sequence[ast.stmt],
    names: Sequence[_Names],
    name: str,
    wanted: frozenset[str],
    kept: set[int],
) -> set[int]:
    """Return the indices of the statements that stay: `kept`, and all that they depend on."""
    kept = set(kept)
    while True:
        needed = _closure(names, kept, wanted)
        more = {
            index
            for index, (node, found) in enumerate(zip(body, names, strict=True))
            if index not in kept
            and not _is_main_block(node)
            and (found.setting or (found.binds | _changed(found, names, name)) & needed)
        }
        if not more:
            return kept
        kept |= more


def _closure(names: Sequence[_Names], kept: set[int], needed: frozenset[str]) -> frozenset[str]:
    """Return the names that the statements at `kept` need, besides those in `needed`."""
    needed = needed.union(*(names[index].reads for index in kept))
    while True:
        more = needed.union(*(found.deferred for found in names if found.binds & needed))
        if more == needed:
            return needed
        needed = more


def _changed(found: _Names, names: Sequence[_Names], entry: str) -> frozenset[str]:
    """Return the names of the objects that a statement may change.

    A call that reaches the entry point is a demo: it changes only what its method belongs to, and
    no module.
    """
    reached = _closure(names, set(), found.passed)
    if entry in reached:
        return found.roots.difference(*(one.binds for one in names if one.kind == "import"))
    data = frozenset().union(*(one.rebinds if one.kind else one.binds for one in names))
    return found.roots | (reached & data)


def _names(node: ast.stmt) -> _Names:
    """Return the names of a statement; none if it is too deep, or does not compile."""
    source = unparse(ast.Module([node], [])) or ""
    try:
        table = symtable.symtable(source, "<statement>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Names()
    symbols = table.get_symbols()
    binds = {one for one in symbols if one.is_assigned() or one.is_imported() or one.is_namespace()}
    reads = {one.get_name() for one in symbols if one.is_referenced()}
    deferred: set[str] = set()
    for inner in table.get_children():
        at_once, later = _global_names(inner)
        reads |= at_once
        deferred |= later
    calls = list(_calls(node))
    targets = (target for inner in _statements_run(node) for target in _targets(inner))
    changed: list[ast.expr] = [one for one in targets if not isinstance(one, ast.Name)]
    changed += [call.func for call in calls if isinstance(call.func, ast.Attribute)]
    changed += [call.args[0] for call in calls if _called_name(call.func) in _SETTERS and call.args]
    read = (item.id for call in calls for item in ast.walk(call) if isinstance(item, ast.Name))
    return _Names(
        frozenset(one.get_name() for one in binds),
        frozenset(reads),
        frozenset(deferred),
        frozenset(filter(None, map(_root, changed))),
        frozenset(read),
        frozenset(_rebound(table)),
        _kind(node),
        setting=any(_called_name(call.func) in _SETTINGS for call in calls),
    )


def _kind(node: ast.stmt) -> str:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "import"
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return "function" if isinstance(node, definitions) else ""


def _global_names(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """Return the global names of a scope: those read at once, and those used when it is called."""
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    at_once: set[str] = set()
    later: set[str] = set()
    for inner in table.get_children():
        first, second = _global_names(inner)
        at_once |= first
        later |= second
    if table.get_type() == "function" and table.get_name() not in _AT_ONCE:
        return set(), own | at_once | later
    return own | at_once, later


def _rebound(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the names that the functions of a scope declare as global and assign."""
    for inner in table.get_children():
        for symbol in inner.get_symbols():
            if symbol.is_declared_global() and symbol.is_assigned():
                yield symbol.get_name()
        yield from _rebound(inner)


def _statements_run(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield a statement and those inside it that run with it, but no function's or class's."""
    yield node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from _statements_run(child)
        elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
            for inner in child.body:
                yield from _statements_run(inner)


def _calls(node: ast.stmt) -> Iterator[ast.Call]:
    """Yield the calls whose effect a statement may be there for; none inside a demo's."""
    for inner in _statements_run(node):
        match inner:
            case ast.Expr(value=ast.Call() as call):
                found: list[ast.AST] = [call, *_owners(call.func)]
            case ast.Expr(value=value):
                found = list(ast.walk(value))
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
                found = list(ast.walk(inner))
            case _:
                found = []
        calls = [one for one in found if isinstance(one, ast.Call)]
        if not any(_called_name(call.func) in _DEMO_CALLS for call in calls):
            yield from calls


def _owners(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the objects that a chain of attributes, items and calls goes through."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
        yield node


def _targets(node: ast.stmt) -> Iterator[ast.expr]:
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            for target in targets:
                yield from target.elts if isinstance(target, ast.Tuple) else [target]
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target) | ast.For(target=target):
            yield target


def _root(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes and items begins with, if it begins with one."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _called_name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _is_main_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and any(
        isinstance(item, ast.Name) and item.id == "__name__" for item in ast.walk(node.test)
    )


def _lines_kept(code: str, body: Sequence[ast.stmt], kept: set[int]) -> str:
    """Return the code without the lines of the other statements.

    Statements that share a line are kept together.
    """
    spans = [set(range(first_line(node), (node.end_lineno or 0) + 1)) for node in body]
    stay: set[int] = set().union(*(spans[index] for index in kept))
    while shared := [span for span in spans if span & stay and not span <= stay]:
        stay.update(*shared)
    cut = set().union(*spans) - stay
    lines = enumerate(lines_of(code), 1)
    return "".join(line for number, line in lines if number not in cut)
